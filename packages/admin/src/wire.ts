/** `@sillok/admin/wire`: the contract of the admin API, for whoever calls it. Loads nothing of a service. */
export {
  mayAct,
  mustBeSecret,
  ROLES,
  signCall,
  type AdminActor,
  type Role,
  type SignedCall,
} from './entity/signature.js';
export type {
  ActionDescription,
  ActionState,
  AdminDescription,
  AdminErrorBody,
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
  Title,
} from './entity/wire.js';
