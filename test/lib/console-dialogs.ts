/**
 * How a person opens each dialog and each panel under a button of the console, in both languages. The keys say where it stands in
 * the source; one that is not here fails `test/e2e/console-dialogs.test.ts`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { root } from './server.js';

export interface Opener {
  readonly path: string;
  readonly open: (page: Page) => Promise<void>;
  /** Only a phone has it. */
  readonly onPhone?: true;
}

const press = (name: RegExp) => (page: Page) => page.getByRole('button', { name }).first().click();

/** `FILE: what it calls itself`, as `dialogsOfSource` finds them. */
export const openers: Readonly<Record<string, Opener>> = {
  'ui/navigation.tsx: words.menu': { path: '/', open: press(/^(Menu|메뉴)$/), onPhone: true },
  'ui/keys.tsx: words.keys': {
    path: '/errors',
    open: async (page) => {
      await page.locator('a:visible').last().focus();
      await page.keyboard.press('?');
    },
  },
  'ui/dialog.tsx: question.title': { path: '/alerts?tab=targets', open: press(/^(Remove|지우기)$/) },
  'ui/time-picker.tsx: `${words.range}: ${rangeText(range)}`': {
    path: '/search',
    open: press(/^(Time range|시간 범위|기간)/),
  },
  'pages/search/kept-menu.tsx: words.kept': {
    path: '/search',
    open: press(/^(Saved and recent|저장·최근)$/),
  },
  'pages/search/export.tsx: words.exportTitle': {
    path: '/search?q=level:error',
    open: async (page) => {
      await press(/^(Export|내보내기)$/)(page);
      await page.locator('dialog').getByRole('radio').first().waitFor();
    },
  },
  'pages/errors/links.tsx: words.links': { path: '/errors', open: press(/^(Other systems|다른 시스템)$/) },
  'pages/errors/life.tsx: words.assign': { path: '/errors', open: press(/^(Assign|담당)$/) },
  'pages/errors/life.tsx: label': { path: '/errors', open: press(/^(Ignore|무시)$/) },
  'pages/sql/history.tsx: words.history': { path: '/sql', open: press(/^(History|실행 이력)$/) },
  'pages/sql/saved.tsx: words.saved': { path: '/sql', open: press(/^(Saved|저장된 문장)$/) },
  'pages/sql/schema.tsx: words.schema': {
    path: '/sql',
    open: press(/^(Columns of records|records의 열)$/),
  },
  'pages/sql/database-bench.tsx: words.tables': { path: '/sql?db=shop', open: press(/^(Tables|테이블)$/) },
  'pages/admin/action-dialog.tsx: titleOf(action.title)': {
    path: '/admin/shop/order/12',
    open: async (page) => {
      await press(/^(Change the address|주소 변경)$/)(page);
      await page.getByLabel('City').fill('부산');
      await page.getByLabel('zip').fill('48058');
      await page.getByRole('button', { name: /^(Show what would change|바뀔 내용 보기)$/ }).click();
      await page.getByRole('dialog').getByRole('cell', { name: '서울' }).waitFor();
    },
  },
  'pages/scripts/page.tsx: shown(script.name)': { path: '/scripts', open: press(/^(Dry run|시험 실행)$/) },
  'pages/script-run/orders.tsx: words[`order_${order}`]': {
    path: '/scripts',
    open: async (page) => {
      const script = page.getByRole('listitem').filter({ hasText: 'mark-orders' });
      await script.getByRole('button', { name: /^(Dry run|시험 실행)$/ }).click();
      await page.getByRole('button', { name: /^(Start a dry run|시험 실행 시작)$/ }).click();
      await page.getByRole('textbox', { name: /^(Why|사유)$/ }).fill('분기 정리');
      await page.getByRole('button', { name: /^(Ask for approval|승인 요청)$/ }).click();
      await page.getByRole('button', { name: /^(Reject|반려)$/ }).click();
    },
  },
  'pages/alerts/targets.tsx: words.addTarget': {
    path: '/alerts?tab=targets',
    open: press(/^(Add a target|대상 추가)$/),
  },
  'pages/alerts/rule-form.tsx: known === undefined ? words.newRule : words.editRule': {
    path: '/alerts?tab=rules',
    open: press(/^(New rule|새 규칙)$/),
  },
  'pages/dashboard/page.tsx: words.wall': {
    path: '/dashboards',
    open: async (page) => {
      await page.locator('.dashboard-card').click();
      await press(/^(Wall link|벽 링크)$/)(page);
      await page.locator('dialog code').waitFor();
    },
  },
  'pages/people/projects.tsx: `${words.rename}: ${project.id}`': {
    path: '/people?tab=projects',
    open: press(/^(Rename|이름 바꾸기)$/),
  },
};

const OWN = /<(?:Dialog|Popover)\b[^>]*?\s(?:title|label)=(?:\{((?:[^{}]|\{[^{}]*\})*)\}|"([^"]*)")/gs;
const USES = /<(?:Dialog|Popover)\b|role="(?:dialog|alertdialog|menu|listbox)"|<dialog\b/g;
/** The two that all others are made of. */
const PARTS = new Set(['ui/popover.tsx role="dialog"', 'ui/dialog.tsx <dialog']);

/** Every use of a dialog or a panel under a button in the console's source, as the keys of `openers` name it. */
export function dialogsOfSource(): string[] {
  const source = join(root, 'apps', 'console', 'src');
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.tsx'))
    .flatMap((file) => {
      const text = readFileSync(join(source, file), 'utf8');
      const named = [...text.matchAll(OWN)].map((match) => `${file}: ${match[1] ?? match[2]}`);
      const uses = [...text.matchAll(USES)].filter(([use]) => !PARTS.has(`${file} ${use}`));
      // One that says its name in another way is not understood here, and must not pass unseen.
      return uses.length === named.length ? named : [`${file}: ${uses.length} uses, ${named.length} named`];
    });
}
