/**
 * The engine's share of memory. Server and engine together may take 700 MiB while ingesting; the engine's aim is 480.
 * Figures behind these numbers: docs/internals/engine.md.
 */
import { ENGINE_MEMORY_BYTES } from './pool-sizes.js';

const MIB = 1024 * 1024;

export const MEMORY = {
  /** Server settings, passed as arguments at connect: no later moment can set them. */
  server: {
    /** A last resort: statements are limited one by one, see `pool-sizes.ts`. */
    max_server_memory_usage: ENGINE_MEMORY_BYTES,
    merges_mutations_memory_usage_soft_limit: 200 * MIB,
    mark_cache_size: 16 * MIB,
    index_mark_cache_size: 8 * MIB,
    /** Pages of the operating system cache the same files and can be taken back. */
    uncompressed_cache_size: 0,
    index_uncompressed_cache_size: 0,
    mmap_cache_size: 0,
    compiled_expression_cache_size: 8 * MIB,
    primary_index_cache_size: 32 * MIB,
    query_condition_cache_size: 8 * MIB,
    text_index_tokens_cache_size: 8 * MIB,
    text_index_header_cache_size: 16 * MIB,
    text_index_postings_cache_size: 16 * MIB,
    /** Two cores: one merge at a time is enough to keep up, and each costs a column's worth of buffers. */
    background_pool_size: 2,
    background_merges_mutations_concurrency_ratio: 1,
    background_move_pool_size: 1,
    background_fetches_pool_size: 1,
    background_common_pool_size: 2,
    background_schedule_pool_size: 4,
    background_buffer_flush_schedule_pool_size: 1,
    background_distributed_schedule_pool_size: 1,
    background_message_broker_schedule_pool_size: 1,
    max_thread_pool_size: 200,
    max_thread_pool_free_size: 8,
    max_io_thread_pool_size: 8,
    async_load_databases: 0,
  },
  /** Defaults of every MergeTree table. */
  mergeTree: {
    merge_max_block_size: 2048,
    merge_max_block_size_bytes: 2 * MIB,
  },
  /** Defaults of every statement; a request may set its own. */
  profile: {
    max_threads: 2,
    max_insert_threads: 1,
    /** chdb is built on clickhouse-local, which lets `1` stand for `SELECT 1`. */
    implicit_select: 0,
    allow_introspection_functions: 0,
    max_query_size: 16 * MIB,
    max_ast_elements: 500_000,
    max_expanded_ast_elements: 500_000,
    log_queries: 0,
  },
} as const;
