/** The calls of what people make and use together: alerts, people, dashboards, reports. */
import type {
  AlertRuleBody,
  AlertRuleShape,
  AlertShape,
  AlertTargetBody,
  DashboardBody,
  DashboardShape,
  DeployShape,
  EstimateShape,
  HistoryShape,
  InvitationShape,
  MemberShape,
  OpenSessionShape,
  PanelAnswer,
  PanelRunBody,
  PreviewShape,
  ProjectShape,
  ReportAnswer,
  ReportBody,
  ReportShape,
  ResetShape,
  Role,
  SessionShape,
  SignInBody,
  SignInWays,
  UserShape,
  WallShape,
} from '@sillok/api';
import { ask, send, withQuery } from './http.js';

const of = (path: string, id: string, rest = ''): string => `${path}/${encodeURIComponent(id)}${rest}`;
const signalled = (signal?: AbortSignal): RequestInit => (signal === undefined ? {} : { signal });

export const whoAmI = (signal?: AbortSignal): Promise<SessionShape> => ask('/api/session', signalled(signal));
export const waysIn = (signal?: AbortSignal): Promise<SignInWays> => ask('/api/sign-in', signalled(signal));
export const signInWith = (body: SignInBody): Promise<SessionShape> => send('POST', '/api/session', body);
export const chooseProject = (project: string): Promise<SessionShape> =>
  send('POST', '/api/session/project', { project });
export const changePassword = (current: string, password: string): Promise<unknown> =>
  send('POST', '/api/session/password', { current, password });

export interface AlertTargetShape {
  readonly id: string;
  readonly kind: AlertTargetBody['kind'];
  readonly name: string;
  readonly enabled: boolean;
  readonly language: 'en' | 'ko';
  readonly severity_min: 'warning' | 'critical';
  readonly to?: readonly string[];
  readonly channel?: string;
}

export const alertCalls = {
  list: (state: string, signal: AbortSignal): Promise<{ readonly alerts: readonly AlertShape[] }> =>
    ask(withQuery('/api/alerts', { state, limit: 200 }), { signal }),
  one: (id: string, signal: AbortSignal): Promise<AlertShape> => ask(of('/api/alerts', id), { signal }),
  acknowledge: (id: string): Promise<AlertShape> => send('POST', of('/api/alerts', id, '/acknowledge')),
  resolve: (id: string): Promise<AlertShape> => send('POST', of('/api/alerts', id, '/resolve')),
  mute: (id: string, minutes: number): Promise<AlertShape> =>
    send('POST', of('/api/alerts', id, '/mute'), { minutes }),
  rules: (signal: AbortSignal): Promise<{ readonly rules: readonly AlertRuleShape[] }> =>
    ask('/api/alert-rules', { signal }),
  saveRule: (id: string | undefined, rule: object): Promise<AlertRuleShape> =>
    id === undefined ? send('POST', '/api/alert-rules', rule) : send('PUT', of('/api/alert-rules', id), rule),
  removeRule: (id: string): Promise<unknown> => send('DELETE', of('/api/alert-rules', id)),
  muteRule: (id: string, minutes: number): Promise<unknown> =>
    send('POST', of('/api/alert-rules', id, '/mute'), { minutes }),
  preview: (rule: AlertRuleBody): Promise<PreviewShape> =>
    send('POST', '/api/alert-rules/preview', { rule, from: '-24h' }),
  targets: (signal?: AbortSignal): Promise<{ readonly targets: readonly AlertTargetShape[] }> =>
    ask('/api/alert-targets', signalled(signal)),
  addTarget: (target: AlertTargetBody): Promise<AlertTargetShape> =>
    send('POST', '/api/alert-targets', target),
  removeTarget: (id: string): Promise<unknown> => send('DELETE', of('/api/alert-targets', id)),
  testTarget: (id: string): Promise<unknown> => send('POST', of('/api/alert-targets', id, '/test')),
};

export interface KeyShown {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly scopes: readonly string[];
  readonly created_at: string;
  readonly revoked_at: string | null;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly origins: readonly string[] | null;
}

export const peopleCalls = {
  members: (signal: AbortSignal): Promise<{ readonly members: readonly MemberShape[] }> =>
    ask('/api/members', { signal }),
  setRole: (id: string, role: Role): Promise<unknown> => send('PUT', of('/api/members', id), { role }),
  removeMember: (id: string): Promise<unknown> => send('DELETE', of('/api/members', id)),
  invitations: (signal: AbortSignal): Promise<{ readonly invitations: readonly InvitationShape[] }> =>
    ask('/api/invitations', { signal }),
  invite: (email: string, role: Role): Promise<InvitationShape> =>
    send('POST', '/api/invitations', { email, role }),
  withdraw: (id: string): Promise<unknown> => send('DELETE', of('/api/invitations', id)),
  sessions: (signal: AbortSignal): Promise<{ readonly sessions: readonly OpenSessionShape[] }> =>
    ask('/api/sessions', { signal }),
  endSession: (id: string): Promise<unknown> => send('DELETE', of('/api/sessions', id)),
  keys: (signal: AbortSignal): Promise<{ readonly keys: readonly KeyShown[] }> =>
    ask('/api/keys', { signal }),
  addKey: (key: {
    readonly name: string;
    readonly scopes: readonly string[];
    readonly expires_at?: string;
    readonly origins?: readonly string[];
  }): Promise<KeyShown & { readonly key: string }> => send('POST', '/api/keys', key),
  revokeKey: (id: string): Promise<unknown> => send('DELETE', of('/api/keys', id)),
  /** `all`: of every project and of the server, for owners. */
  history: (all: boolean, signal: AbortSignal): Promise<{ readonly changes: readonly HistoryShape[] }> =>
    ask(withQuery('/api/settings/history', { limit: 200, all: all ? '1' : '0' }), { signal }),
  addFirstUser: (user: { email: string; name: string; password: string }): Promise<unknown> =>
    send('POST', '/api/users', user),
};

/** For owners of the server. */
export const ownerCalls = {
  users: (signal: AbortSignal): Promise<{ readonly users: readonly UserShape[] }> =>
    ask('/api/users', { signal }),
  changeUser: (
    id: string,
    change: { readonly owner?: boolean; readonly disabled?: boolean },
  ): Promise<UserShape> => send('PATCH', of('/api/users', id), change),
  removeUser: (id: string): Promise<unknown> => send('DELETE', of('/api/users', id)),
  untie: (id: string): Promise<UserShape> => send('DELETE', of('/api/users', id, '/sign-in')),
  reset: (id: string): Promise<ResetShape> => send('POST', of('/api/users', id, '/reset')),
  projects: (signal: AbortSignal): Promise<{ readonly projects: readonly ProjectShape[] }> =>
    ask('/api/projects', { signal }),
  addProject: (id: string, name: string): Promise<ProjectShape> =>
    send('POST', '/api/projects', { id, name }),
  changeProject: (
    id: string,
    change: { readonly name?: string; readonly archived?: boolean },
  ): Promise<ProjectShape> => send('PATCH', of('/api/projects', id), change),
};

export const dashboardCalls = {
  list: (signal: AbortSignal): Promise<{ readonly dashboards: readonly DashboardShape[] }> =>
    ask('/api/dashboards', { signal }),
  one: (id: string, signal: AbortSignal): Promise<DashboardShape> =>
    ask(of('/api/dashboards', id), { signal }),
  save: (id: string | undefined, body: DashboardBody): Promise<DashboardShape> =>
    id === undefined ? send('POST', '/api/dashboards', body) : send('PUT', of('/api/dashboards', id), body),
  remove: (id: string): Promise<unknown> => send('DELETE', of('/api/dashboards', id)),
  run: (body: PanelRunBody): Promise<PanelAnswer> => send('POST', '/api/panels/run', body),
  estimate: (body: PanelRunBody): Promise<EstimateShape> => send('POST', '/api/panels/estimate', body),
  cancel: (queryId: string): Promise<unknown> => send('DELETE', of('/api/sql', queryId)),
  deploys: (
    from: string,
    to: string,
    signal: AbortSignal,
  ): Promise<{ readonly deploys: readonly DeployShape[] }> =>
    ask(withQuery('/api/deploys', { from, to }), { signal }),
  makeWall: (id: string, values: Readonly<Record<string, string>>): Promise<WallShape> =>
    send('POST', of('/api/dashboards', id, '/walls'), { values }),
  walls: (id: string, signal: AbortSignal): Promise<{ readonly walls: readonly WallShape[] }> =>
    ask(of('/api/dashboards', id, '/walls'), { signal }),
  removeWall: (id: string): Promise<unknown> => send('DELETE', of('/api/walls', id)),
};

/** What a wall shows, without signing in: the secret goes in a header, never in an address. */
export const wallCalls = (secret: string) => ({
  open: (
    signal: AbortSignal,
  ): Promise<{ readonly dashboard: DashboardShape; readonly values: Readonly<Record<string, string>> }> =>
    ask('/api/wall', { signal, headers: { 'x-sillok-wall': secret } }),
  run: (panel: string): Promise<PanelAnswer> =>
    ask('/api/wall/run', {
      method: 'POST',
      headers: { 'x-sillok-wall': secret, 'content-type': 'application/json' },
      body: JSON.stringify({ panel }),
    }),
});

export const reportCalls = {
  list: (signal: AbortSignal): Promise<{ readonly reports: readonly ReportShape[] }> =>
    ask('/api/reports', { signal }),
  save: (id: string | undefined, body: ReportBody): Promise<ReportShape> =>
    id === undefined ? send('POST', '/api/reports', body) : send('PUT', of('/api/reports', id), body),
  remove: (id: string): Promise<unknown> => send('DELETE', of('/api/reports', id)),
  run: (
    id: string,
    asked: { readonly at?: string; readonly values?: Readonly<Record<string, string>> },
  ): Promise<ReportAnswer> => send('POST', of('/api/reports', id, '/run'), asked),
  preview: (report: ReportBody): Promise<ReportAnswer> => send('POST', '/api/reports/preview', { report }),
  send: (id: string): Promise<unknown> => send('POST', of('/api/reports', id, '/send')),
};
