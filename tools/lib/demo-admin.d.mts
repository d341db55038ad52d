export interface DemoAdmin {
  readonly serverEnv: Readonly<Record<string, string>>;
  readonly shopEnv: Readonly<Record<string, string>>;
  remove(): void;
}

export function demoAdmin(): Promise<DemoAdmin>;
