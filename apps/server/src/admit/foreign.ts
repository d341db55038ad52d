/**
 * Admission of records without an identity of their own. They get one here: the producer is `<protocol>/<service>`, the
 * boot is this server's, `seq` counts in the order of arrival.
 *
 * A request whose `content` was taken before adds nothing. Each class of it is remembered apart, in the batch header: when
 * a crash left only one of two classes on disk, the retry adds exactly the other.
 */
import { createHash } from 'node:crypto';

import {
  KINDS,
  NAME_BYTES_MAX,
  newBoot,
  normaliseInput,
  timeToNs,
  type Clock,
  type Kind,
  type Resource,
} from '@sillok/record';

import type { Ledger } from '../ledger/ledger.js';
import { FOREIGN_PRODUCERS_MAX } from '../limits.js';
import type { Metrics } from '../metrics.js';
import type { ForeignBatch, ForeignVerdict } from '../seams.js';
import type { ClassBlock, Committer, Submission } from './commit.js';
import type { ContentWindow } from './content-window.js';
import type { FirstTouch, Touch } from './first-touch.js';

export interface ForeignAdmissionOptions {
  readonly committer: Committer;
  readonly ledger: Ledger;
  readonly contents: ContentWindow;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** What an SDK does before it writes, done here for records that no SDK has touched: rules and redaction. */
  readonly firstTouch: FirstTouch;
  /** Boot of this server: the first that foreign records get. */
  readonly boot: string;
}

interface Normalised {
  readonly blocks: readonly ClassBlock[];
  readonly rejected: ForeignVerdict['rejected'];
  readonly count: number;
}

const NS_PER_US = 1000n;
const NAME_HASH_LENGTH = 12;

export interface ForeignAdmission {
  /** Resolves when the records are on disk. */
  admit(batch: ForeignBatch): Promise<ForeignVerdict>;
  /** The same, and blocks: for the server's own entries about what it is about to do. */
  admitNow(batch: ForeignBatch): ForeignVerdict;
}

interface Prepared {
  readonly verdict: ForeignVerdict;
  /** Undefined when there is nothing to add. */
  readonly submission: Submission | undefined;
  /** Numbers that were not used are given again: else they would be missing for ever. */
  giveBack(): void;
}

export function createForeignAdmission(options: ForeignAdmissionOptions): ForeignAdmission {
  const { committer, contents, firstTouch, ledger, metrics } = options;
  let { boot } = options;
  /** Last number given, per project and producer. */
  const lastSeq = new Map<string, number>();

  function prepare(batch: ForeignBatch): Prepared {
    const { project, protocol, content } = batch;
    const touch = firstTouch({ project, isRedacted: false });
    const resource = touch?.resource(batch.resource) ?? batch.resource;
    const producer = foreignProducer(protocol, resource);
    const key = `${project}\n${producer}`;
    if (lastSeq.size >= FOREIGN_PRODUCERS_MAX) {
      // Numbers begin anew, so the boot does too.
      lastSeq.clear();
      boot = newBoot();
    }
    const from = lastSeq.get(key) ?? 0;
    const { blocks, rejected, count } = normalise(batch, { ...options, touch, lastSeq: from });
    const isTaken = (kind: Kind) =>
      content !== undefined && contents.has({ project, protocol, content, kind });
    const fresh = blocks.filter(({ kind }) => !isTaken(kind));
    const repeated = blocks.length > 0 && fresh.length === 0;
    countRecords(metrics, { protocol, rejected: rejected.length, accepted: repeated ? 0 : count });
    const verdict = { accepted: count, rejected, repeated };
    if (fresh.length === 0) return { verdict, submission: undefined, giveBack: () => undefined };
    const numbered = fresh.length === blocks.length ? fresh : renumber(fresh, from);
    const taken = numbered.reduce((sum, { seqs }) => sum + seqs.length, 0);
    lastSeq.set(key, from + taken);
    const given = { project, producer, boot, resource, protocol };
    return {
      verdict,
      submission: { ...given, blocks: numbered, ...(content !== undefined && { content }) },
      giveBack: () => void lastSeq.set(key, ledger.find(given)?.stored.last?.to ?? from),
    };
  }

  return {
    async admit(batch) {
      const { verdict, submission, giveBack } = prepare(batch);
      try {
        if (submission !== undefined) await committer.commit(submission);
        else if (verdict.repeated) await committer.settle();
      } catch (error) {
        giveBack();
        throw error;
      }
      return verdict;
    },
    admitNow(batch) {
      const { verdict, submission, giveBack } = prepare(batch);
      try {
        if (submission !== undefined) committer.commitNow(submission);
      } catch (error) {
        giveBack();
        throw error;
      }
      return verdict;
    },
  };
}

interface NormaliseParts extends Pick<ForeignAdmissionOptions, 'clock'> {
  readonly touch: Touch | undefined;
  readonly lastSeq: number;
}

function normalise(batch: ForeignBatch, { clock, touch, lastSeq }: NormaliseParts): Normalised {
  const blocks = new Map<Kind, { seqs: number[]; timesUs: number[]; pieces: Buffer[] }>();
  const rejected: { index: number; code: string; reason: string }[] = [];
  const defaultTime = clock.now();
  let seq = lastSeq;
  batch.records.forEach((input, index) => {
    const parsed = normaliseInput(input, { seq: seq + 1, dots: 'namespace', defaultTime });
    if (!parsed.ok) {
      rejected.push({ index, code: parsed.code, reason: parsed.reason });
      return;
    }
    seq += 1;
    const { kind, time } = parsed.record;
    const line = touch?.lineOf(parsed.record) ?? parsed.line;
    const block = blocks.get(kind) ?? { seqs: [], timesUs: [], pieces: [] };
    blocks.set(kind, block);
    block.seqs.push(seq);
    block.timesUs.push(Number(timeToNs(time) / NS_PER_US));
    block.pieces.push(Buffer.from(`${line}\n`));
  });
  const list = KINDS.flatMap((kind) => {
    const block = blocks.get(kind);
    return block === undefined ? [] : [{ kind, ...block }];
  });
  return { blocks: list, rejected, count: seq - lastSeq };
}

/** After a class was left out: numbers without holes. The number is the first key of a line. */
function renumber(blocks: readonly ClassBlock[], lastSeq: number): ClassBlock[] {
  let seq = lastSeq;
  return blocks.map((block) => {
    const first = seq + 1;
    seq += block.seqs.length;
    const pieces = block.pieces.map((piece, index) => {
      const rest = piece.subarray(piece.indexOf(','));
      return Buffer.concat([Buffer.from(`{"seq":${first + index}`), rest]);
    });
    return { ...block, seqs: block.seqs.map((_, index) => first + index), pieces };
  });
}

/** A name longer than names may be keeps its beginning and gets a hash of the whole. */
export function foreignProducer(protocol: string, resource: Resource): string {
  const service = String(resource['service.name'] ?? '') || 'unknown';
  const name = `${protocol}/${service.replace(/\p{Cc}/gu, ' ')}`;
  if (Buffer.byteLength(name) <= NAME_BYTES_MAX) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, NAME_HASH_LENGTH);
  const kept = Buffer.from(name).subarray(0, NAME_BYTES_MAX - NAME_HASH_LENGTH - 4);
  return `${kept.toString('utf8').replace(/\uFFFD+$/, '')}~${hash}`;
}

interface Counts {
  readonly protocol: string;
  readonly accepted: number;
  readonly rejected: number;
}

function countRecords(metrics: Metrics, { protocol, accepted, rejected }: Counts): void {
  metrics
    .counter('sillok_records_accepted_total', 'Records taken into the queue', { protocol })
    .add(accepted);
  metrics.counter('sillok_records_rejected_total', 'Records not taken', { protocol }).add(rejected);
}
