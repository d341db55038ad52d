/** Dashboards: panels over searches and SQL, variables that every panel follows, deploy markers, the wall. */
import { z } from 'zod';
import { QUERY_CHARS_MAX, SQL_CHARS_MAX } from './limits.js';
import type { Column, Cost, Freshness } from './schemas.js';

const moment = z.string().max(64);
const name = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/);
const value = z.string().max(500);

export const panelKind = z.enum(['time_series', 'top_list', 'number', 'table', 'heatmap']);

export const panelBody = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,40}$/),
  title: z.string().trim().max(120).default(''),
  kind: panelKind,
  language: z.enum(['search', 'sql']).default('search'),
  q: z.string().max(Math.max(QUERY_CHARS_MAX, SQL_CHARS_MAX)),
  /** Of SQL: the business database that it is for; empty for the record. It may bind `{from}`, `{to}` and variables. */
  database: z.string().max(64).default(''),
  /** `-7d`; empty: the range of the dashboard. */
  range: z.string().max(32).default(''),
  unit: z.string().max(20).default(''),
  /** Columns of twelve that it takes. */
  width: z.number().int().min(2).max(12).default(6),
  /** What a heatmap spreads out. */
  field: z.string().max(200).default('duration_ms'),
});

export const dashboardVariable = z.strictObject({
  name,
  label: z.string().trim().max(60).default(''),
  /** Once a value is chosen, every search panel shows only records with it; SQL panels bind `{name:String}`. */
  field: z.string().min(1).max(200),
  preset: value.default(''),
});

export const dashboardBody = z.strictObject({
  name: z.string().trim().min(1).max(120),
  description: z.string().trim().max(500).default(''),
  range: z.string().max(32).default('-24h'),
  refresh_s: z.number().int().min(0).max(3_600).default(60),
  panels: z.array(panelBody).max(40).default([]),
  variables: z.array(dashboardVariable).max(10).default([]),
  deploy_markers: z.boolean().default(true),
});

export const variableValues = z.record(name, value).default({});

export const panelRunBody = z.strictObject({
  panel: panelBody,
  from: moment.default('-24h'),
  to: moment.default('now'),
  variables: z.array(dashboardVariable).max(10).default([]),
  values: variableValues,
  /** Names the query, so that DELETE /api/sql/:queryId ends it. */
  query_id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
});

export const wallLinkBody = z.strictObject({
  values: variableValues,
  /** The link ends by itself; 0: never. */
  days: z.number().int().min(0).max(3_650).default(0),
});
export const wallRunBody = z.strictObject({
  panel: z.string().max(40),
  from: moment.default(''),
  to: moment.default(''),
});
export const deploysQuery = z.strictObject({ from: moment.default('-24h'), to: moment.default('now') });

export type Panel = z.output<typeof panelBody>;
export type PanelKind = Panel['kind'];
export type Dashboard = z.output<typeof dashboardBody>;
export type DashboardBody = z.input<typeof dashboardBody>;
export type DashboardVariable = z.output<typeof dashboardVariable>;
export type PanelRunBody = z.input<typeof panelRunBody>;

export interface DashboardShape extends Dashboard {
  readonly id: string;
  readonly created_by: string;
  readonly updated_by: string;
  readonly updated_at: string;
}

export interface PanelAnswer {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly from: string;
  readonly to: string;
  /** Width of a bar or a point of a time series; 0 elsewhere. */
  readonly bucket_ms: number;
  readonly freshness: Freshness;
  readonly gaps: number;
  readonly cost: Cost;
}

/** A release that a service did not have before. */
export interface DeployShape {
  readonly time: string;
  readonly service: string;
  readonly version: string;
}

export interface WallShape {
  readonly id: string;
  readonly dashboard: string;
  readonly values: Readonly<Record<string, string>>;
  readonly created_by: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  /** Shown once. */
  readonly link?: string;
}
