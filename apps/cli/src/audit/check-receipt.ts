/** Whether a receipt holds: signed by the log's key, and the way from each entry's hash to the signed root is whole. */
import { isIncluded, openNote, trustedKeys, tryCheckpoint, tryHashFromBase64 } from '@sillok/proof';
import { z } from 'zod';

const receipts = z.looseObject({
  checkpoint: z.string(),
  entries: z
    .array(
      z.looseObject({
        id: z.string(),
        outcome: z.string(),
        index: z.number(),
        size: z.number(),
        leaf: z.string(),
        proof: z.array(z.string()),
      }),
    )
    .min(1),
});

/** What is wrong with it, as a sentence; undefined when it holds. */
export function receiptProblem(text: string, verifierText: string): string | undefined {
  const parsed = receipts.safeParse(tryJson(text));
  if (!parsed.success) return 'this is not a receipt';
  const { verifiers, problems } = trustedKeys(verifierText);
  if (verifiers.length === 0) return 'the verifier is not a public key of a log';
  const [problem] = problems;
  if (problem !== undefined) return problem;
  const opened = openNote(parsed.data.checkpoint, verifiers);
  if (!opened.ok) return `its checkpoint does not hold: ${opened.reason}`;
  const checkpoint = tryCheckpoint(opened.text);
  if (checkpoint === undefined) return 'its note is not a checkpoint';
  const { root, size } = checkpoint;
  for (const each of parsed.data.entries) {
    const leaf = tryHashFromBase64(each.leaf) ?? '';
    const proof = each.proof.map((hash) => tryHashFromBase64(hash) ?? '');
    const isIn = each.size === size && isIncluded({ leaf, index: each.index, size, proof, root });
    if (!isIn) return `the log of the checkpoint does not contain the entry ${each.id} (${each.outcome})`;
  }
  return undefined;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
