/** The shop of a clone of the repository, seen from this folder, in `dist` as in `src`. A package has none. */
export const SHOP_SCRIPT = ['..', '..', '..', '..', 'examples', 'shop', 'shop.mjs'] as const;
