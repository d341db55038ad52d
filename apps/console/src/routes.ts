/**
 * Every page: its address, its names, its place in the navigation, and how it is loaded (each is a file of its own that
 * the browser fetches when it is needed). The first segment must stand in `packages/api/src/console-pages.ts` too.
 *
 * To add a page: a folder `pages/<name>/` whose `page.tsx` exports `Page`, a line here, and a file in `words/`.
 */
import type { ComponentType } from 'react';
import type { IconName } from './ui/icon.js';
import type { Language } from './words/dictionary.js';

/** What a page is given: the `:names` of its path. The rest is in the address (`useAddress`). */
export interface PageProps {
  readonly values: Readonly<Record<string, string>>;
}

export type Group = 'read' | 'understand' | 'watch' | 'manage';

export interface Route {
  readonly path: string;
  readonly title: Readonly<Record<Language, string>>;
  /** For the bar of a phone, where a word has 70 pixels. */
  readonly shortTitle?: Readonly<Record<Language, string>>;
  readonly load: () => Promise<{ readonly Page: ComponentType<PageProps> }>;
  /** Without a group the page is reached from others only. */
  readonly group?: Group;
  readonly icon?: IconName;
  /** Second key after `g`. */
  readonly key?: string;
}

export const routes: readonly Route[] = [
  {
    path: '/',
    title: { en: 'Start', ko: '시작' },
    load: () => import('./pages/home/page.js'),
    group: 'read',
    icon: 'home',
    key: 'h',
  },
  {
    path: '/find',
    title: { en: 'Find a customer', ko: '고객 찾기' },
    shortTitle: { en: 'Customer', ko: '고객' },
    load: () => import('./pages/find/page.js'),
    group: 'read',
    icon: 'find',
    key: 'f',
  },
  {
    path: '/search',
    title: { en: 'Search', ko: '검색' },
    load: () => import('./pages/search/page.js'),
    group: 'read',
    icon: 'search',
    key: 's',
  },
  {
    path: '/live',
    title: { en: 'Live', ko: '실시간' },
    load: () => import('./pages/live/page.js'),
    group: 'read',
    icon: 'live',
    key: 'l',
  },
  {
    path: '/admin',
    title: { en: 'Business data', ko: '업무 데이터' },
    load: () => import('./pages/admin/page.js'),
    group: 'read',
    icon: 'settings',
    key: 'b',
  },
  {
    path: '/admin/:service/:type',
    title: { en: 'Business data', ko: '업무 데이터' },
    load: () => import('./pages/admin-type/page.js'),
  },
  {
    path: '/admin/:service/:type/:id',
    title: { en: 'Business data', ko: '업무 데이터' },
    load: () => import('./pages/admin-entity/page.js'),
  },
  {
    path: '/scripts',
    title: { en: 'Scripts', ko: '스크립트' },
    load: () => import('./pages/scripts/page.js'),
    group: 'manage',
    icon: 'play',
  },
  {
    path: '/scripts/:service/:run',
    title: { en: 'Run', ko: '실행' },
    load: () => import('./pages/script-run/page.js'),
  },
  {
    path: '/errors',
    title: { en: 'Errors', ko: '오류' },
    load: () => import('./pages/errors/page.js'),
    group: 'read',
    icon: 'errors',
    key: 'e',
  },
  {
    path: '/history',
    title: { en: 'Who changed what', ko: '변경 이력' },
    load: () => import('./pages/history/page.js'),
    group: 'read',
    icon: 'audit',
    key: 'u',
  },
  {
    path: '/history/:type/:id',
    title: { en: 'Who changed what', ko: '변경 이력' },
    load: () => import('./pages/history/page.js'),
  },
  {
    path: '/map',
    title: { en: 'Service map', ko: '서비스 지도' },
    load: () => import('./pages/map/page.js'),
    group: 'understand',
    icon: 'map',
    key: 'c',
  },
  {
    path: '/endpoints',
    title: { en: 'Endpoints', ko: '엔드포인트' },
    load: () => import('./pages/endpoints/page.js'),
    group: 'understand',
    icon: 'endpoint',
    key: 'p',
  },
  {
    path: '/trends',
    title: { en: 'Trends', ko: '추세' },
    load: () => import('./pages/trends/page.js'),
    group: 'understand',
    icon: 'chart',
    key: 'n',
  },
  {
    path: '/patterns',
    title: { en: 'Patterns', ko: '패턴' },
    load: () => import('./pages/patterns/page.js'),
    group: 'understand',
    icon: 'patterns',
    key: 't',
  },
  {
    path: '/why',
    title: { en: 'Why different?', ko: '왜 다른가?' },
    load: () => import('./pages/why/page.js'),
    group: 'understand',
    icon: 'why',
    key: 'w',
  },
  {
    path: '/retries',
    title: { en: 'Retries', ko: '재시도' },
    load: () => import('./pages/retries/page.js'),
    group: 'understand',
    icon: 'retries',
    key: 'x',
  },
  {
    path: '/routing',
    title: { en: 'Debug sessions', ko: '디버그 세션' },
    load: () => import('./pages/routing/page.js'),
    group: 'understand',
    icon: 'route',
    key: 'o',
  },
  {
    path: '/sql',
    title: { en: 'SQL', ko: 'SQL' },
    load: () => import('./pages/sql/page.js'),
    group: 'understand',
    icon: 'sql',
    key: 'q',
  },
  {
    path: '/endpoint',
    title: { en: 'Endpoint', ko: '엔드포인트' },
    load: () => import('./pages/endpoint/page.js'),
  },
  {
    path: '/trace/:traceId',
    title: { en: 'Trace', ko: '트레이스' },
    load: () => import('./pages/trace/page.js'),
  },
  {
    path: '/scenario/:globalTraceId',
    title: { en: 'Story', ko: '이야기' },
    load: () => import('./pages/scenario/page.js'),
  },
  { path: '/scenario', title: { en: 'Story', ko: '이야기' }, load: () => import('./pages/scenario/page.js') },
  {
    path: '/person/:userHash',
    title: { en: 'Person', ko: '사람' },
    load: () => import('./pages/person/page.js'),
  },
  {
    path: '/alerts',
    title: { en: 'Alerts', ko: '알림' },
    load: () => import('./pages/alerts/page.js'),
    group: 'watch',
    icon: 'alerts',
    key: 'a',
  },
  {
    path: '/alerts/:id',
    title: { en: 'Alert', ko: '알림' },
    load: () => import('./pages/alert/page.js'),
  },
  {
    path: '/dashboards',
    title: { en: 'Dashboards', ko: '대시보드' },
    load: () => import('./pages/dashboards/page.js'),
    group: 'watch',
    icon: 'dashboard',
    key: 'd',
  },
  {
    path: '/dashboards/:id',
    title: { en: 'Dashboard', ko: '대시보드' },
    load: () => import('./pages/dashboard/page.js'),
  },
  {
    path: '/reports',
    title: { en: 'Reports', ko: '보고서' },
    load: () => import('./pages/reports/page.js'),
    group: 'watch',
    icon: 'reports',
    key: 'r',
  },
  {
    path: '/reports/:id',
    title: { en: 'Report', ko: '보고서' },
    load: () => import('./pages/report/page.js'),
  },
  {
    path: '/review',
    title: { en: 'Access review', ko: '접속기록 점검' },
    load: () => import('./pages/review/page.js'),
    group: 'manage',
    icon: 'check',
    key: 'v',
  },
  {
    path: '/people',
    title: { en: 'People and keys', ko: '사람과 키' },
    load: () => import('./pages/people/page.js'),
    group: 'manage',
    icon: 'people',
    key: 'm',
  },
];
