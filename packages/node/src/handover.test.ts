import { expect, test } from 'vitest';
import { browserHandover } from './handover.js';
import { identify } from './identity/identify.js';
import { withTrace } from './scope.js';
import { createTestLog } from './test.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;

test('a page gets the trace and the ids of the request that rendered it', () => {
  const baggage = 'sillok.global_trace_id=scenario-1,sillok.session_hash=s1:abc';
  const { meta, serverTiming } = withTrace({ traceparent, baggage }, browserHandover);
  expect(meta).toMatch(
    new RegExp(
      `^<meta name="traceparent" content="00-${TRACE}-[0-9a-f]{16}-01">` +
        '<meta name="sillok" content="global_trace_id=scenario-1&amp;session_hash=s1%3Aabc">$',
    ),
  );
  expect(serverTiming).toMatch(
    /^traceparent;desc="00-.*", sillok;desc="global_trace_id=scenario-1&session_hash=s1%3Aabc"$/,
  );
});

test('an id that would break out of the page never gets into it', () => {
  const baggage = `sillok.user_hash=${encodeURIComponent('"><script>alert(1)</script>')}`;
  const { meta } = withTrace({ traceparent, baggage }, browserHandover);
  expect(meta).not.toContain('script');
});

test('who the request is for, as identify said within it, is handed over with it', () => {
  const { log } = createTestLog();
  const { meta } = withTrace({ traceparent }, () => {
    identify({ sessionHash: 's-adopted', userHash: 'u-adopted' }, { log });
    return browserHandover();
  });
  expect(meta).toContain('content="session_hash=s-adopted&amp;user_hash=u-adopted"');
});

test('outside of a request there is nothing to hand over', () => {
  expect(browserHandover()).toEqual({ meta: '', serverTiming: '' });
});
