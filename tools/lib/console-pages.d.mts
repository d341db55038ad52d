export interface ConsolePage {
  readonly route: string;
  readonly picture: string;
  readonly guide: string;
  readonly address: (scene: Readonly<Record<string, unknown>>) => string;
}

export const pages: readonly ConsolePage[];
