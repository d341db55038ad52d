/** What the server writes about itself (who signed in) is no sign that a service has begun to write. */
export const NOT_OURS = 'not (kind:audit service.name:sillok)';
