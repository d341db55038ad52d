// Which of the planted faults are switched on. The runner tells every process; a service asks `isOn('slow-query')`.
export const STORIES = {
  'social-login':
    'Client 3.2.0 sends emoji in display names as HTML entities; for Dalbit they do not fit the column. Only these logins fail.',
  'in-app-browser':
    'Some customers come back from the sign-in in another browser than they left in: their state is lost.',
  'retrying-proxy':
    'The first gateway breaks off after the order is made; the proxy sends it again to the second.',
  'double-submit': 'The order button is wired up twice: one click, two requests.',
  'render-loop': 'The cart renders itself again and again, and logs each time.',
  'slow-query': 'The list of orders waits as a query without an index would.',
  'redelivered-message':
    'The worker dies before it says that a message is done; the queue delivers it again.',
  'busy-gateway': 'The gateway says that it is busy at the first try of each order; the page tries again.',
  'failing-payments': 'Payments refuse the first try; orders tries again.',
};

const on = new Set((process.env.SHOP_STORIES ?? '').split(',').filter(Boolean));

process.on('message', (message) => {
  if (message?.story === undefined) return;
  if (message.on) on.add(message.story);
  else on.delete(message.story);
  process.send?.({ told: message.told });
});

process.send?.({ hears: true });

export function isOn(story) {
  return on.has(story);
}

export function listStories() {
  return Object.entries(STORIES).map(([name, what]) => ({ name, what, on: on.has(name) }));
}

/** From a service: the runner tells all the others. */
export function switchStory(story, isStoryOn) {
  process.send?.({ story, on: isStoryOn });
}
