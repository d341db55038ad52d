/**
 * The pictures of the guides, one for each page of the console in both languages, taken from the real demo.
 *
 *   node tools/console-images.mjs [--minutes 2] [--scene FILE] [--pages alerts,sql] [--out DIR]
 *
 * After a build; needs Chromium. Writes docs/images/console-*.png.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages } from './lib/console-pages.mjs';
import { openBrowser, settled, signedIn } from './lib/console-visit.mjs';
import { startScene } from './lib/demo-scene.mjs';
import { option } from './lib/options.mjs';
import { root, say } from './lib/prepare.mjs';

const out = option('out', join(root, 'docs', 'images'));
const REASON = { en: 'call 4711: the cup came broken', ko: '4711 상담: 컵이 깨져서 도착' };
/** Sentences are read, and a page of text stays small. */
const SIZE = { width: 1040, height: 640 };
const LANGUAGES = { en: { suffix: '', locale: 'en-US' }, ko: { suffix: '.ko', locale: 'ko-KR' } };

/** In no guide; or with proxies and copies of services, which its own test has: `test/e2e/console-debug-session.test.ts`. */
const NOT_HERE = new Set(['none', 'debug-routing']);

/** What is done on a page before its picture says something. */
const ACTS = {
  async find(page) {
    await page.getByRole('searchbox').fill('person-3@example.com');
    await page.getByRole('searchbox').press('Enter');
    await page.locator('.candidate').first().waitFor();
  },
  async search(page) {
    await page.locator('.row').first().click();
    await settled(page);
  },
  async sql(page) {
    await page.getByRole('button', { name: /^(Run|실행)$/ }).click();
    await page.locator('main table').first().waitFor();
  },
};

const file = option('scene', undefined);
const scene =
  file === undefined
    ? await startScene({ minutes: Number(option('minutes', '2')), say })
    : { ...JSON.parse(readFileSync(file, 'utf8')), stop: () => undefined };
const names = option('pages', '');
const isAsked = (picture) => names === '' || names.split(',').includes(picture);
const browser = await openBrowser();
try {
  mkdirSync(out, { recursive: true });
  for (const language of Object.keys(LANGUAGES)) await take(language);
} finally {
  await browser.close();
  await scene.stop();
}

async function take(language) {
  const { suffix, locale } = LANGUAGES[language];
  const page = await signedIn(browser, scene, { locale, colorScheme: 'light', viewport: SIZE });
  const shoot = (picture) => page.screenshot({ path: join(out, `console-${picture}${suffix}.png`) });
  const done = new Set();
  for (const { picture, guide, address } of pages) {
    if (done.has(picture) || NOT_HERE.has(guide) || !isAsked(picture)) continue;
    done.add(picture);
    await page.goto(scene.url + address({ ...scene, language }));
    await settled(page);
    await ACTS[picture]?.(page);
    await shoot(picture);
    say(`console-${picture}${suffix}`);
  }
  if (isAsked('business-refund')) {
    await refund(page, REASON[language]);
    await shoot('business-refund');
    say(`console-business-refund${suffix}`);
  }
  await page.context().close();
}

/** What a refund would change, before it is confirmed; it never is. */
async function refund(page, text) {
  await page.goto(`${scene.url}/admin/shop/order/${scene.refundable}`);
  await settled(page);
  await page.getByRole('button', { name: /^(Refund|환불)$/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: /^(Show what would change|바뀔 내용 보기)$/ }).click();
  await dialog.getByLabel(/^(Reason|사유)/).fill(text);
}
