/** The admin APIs of a project's services, as Sillok's server passes them on. What stands inside is the contract of `@sillok/admin`. */
import type { AdminDescription, RunAnswer } from '@sillok/admin/wire';

export type {
  ActionDescription,
  ActionState,
  AdminDescription,
  EntityAnswer,
  EntityDescription,
  EntityPage,
  EntityRow,
  JsonSchema,
  PlanAnswer,
  PlanBody,
  RequestShape,
  RunAnswer,
  RunBody,
  ScriptDescription,
  ScriptOrder,
  ScriptOrderBody,
  ScriptRun,
  ScriptStart,
  Title,
} from '@sillok/admin/wire';

export interface AdminServiceShape {
  readonly name: string;
  readonly title: string;
  /** Null while the service does not answer. */
  readonly description: AdminDescription | null;
  /** Why it does not. */
  readonly problem: string | null;
}

export interface AdminServicesAnswer {
  readonly services: readonly AdminServiceShape[];
}

export interface AdminRunAnswer extends RunAnswer {
  /** A search finds the record of the change. False: it is on the service's disk and comes by itself. */
  readonly in_history: boolean;
}
