/*
 * SHA-256 over many short pieces with one call: the leaves of a Merkle tree (RFC 9162) from whole lines, and its nodes from pairs.
 * Optional: without this library each hash is a call of node:crypto, which takes as long as the hash itself.
 *
 * The hashing is OpenSSL's, which every Node carries and exports; only the way to it is short. The few functions that are used are
 * declared here, because their ABI is stable and a compiler is then all that is needed to build this. The caller compares both
 * functions with node:crypto when it loads them (see native.ts), and goes without where they differ.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef int napi_status;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);

extern napi_status napi_get_cb_info(napi_env, napi_callback_info, size_t *, napi_value *, napi_value *, void **);
extern napi_status napi_get_buffer_info(napi_env, napi_value, void **, size_t *);
extern napi_status napi_create_int64(napi_env, int64_t, napi_value *);
extern napi_status napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
extern napi_status napi_set_named_property(napi_env, napi_value, const char *, napi_value);

/* SHA256_CTX has 112 bytes; more than twice that is kept. */
typedef struct {
  uint64_t words[32];
} sha256;
extern int SHA256_Init(sha256 *);
extern int SHA256_Update(sha256 *, const void *, size_t);
extern int SHA256_Final(unsigned char *, sha256 *);

#define HASH_BYTES 32
#define ARGUMENTS_MAX 3

struct bytes {
  unsigned char *start;
  size_t length;
};

static int take(napi_env env, napi_callback_info info, struct bytes *into, size_t wanted) {
  size_t count = ARGUMENTS_MAX;
  napi_value values[ARGUMENTS_MAX];
  if (napi_get_cb_info(env, info, &count, values, NULL, NULL) != 0 || count < wanted) return 0;
  for (size_t index = 0; index < wanted; index += 1) {
    void *start = NULL;
    if (napi_get_buffer_info(env, values[index], &start, &into[index].length) != 0) return 0;
    into[index].start = start;
  }
  return 1;
}

static napi_value number(napi_env env, int64_t value) {
  napi_value result = NULL;
  napi_create_int64(env, value, &result);
  return result;
}

/*
 * leaves(prefix, lines, out): the hash of 0x00, the prefix and each line without its newline, one after the other. How many there
 * are; -1 when `out` has not enough room for them, or something else than three buffers was given.
 */
static napi_value leaves(napi_env env, napi_callback_info info) {
  struct bytes given[3];
  if (!take(env, info, given, 3)) return number(env, -1);
  const unsigned char mark = 0x00;
  sha256 begun;
  SHA256_Init(&begun);
  SHA256_Update(&begun, &mark, 1);
  SHA256_Update(&begun, given[0].start, given[0].length);
  const unsigned char *at = given[1].start;
  const unsigned char *end = at + given[1].length;
  size_t room = given[2].length / HASH_BYTES;
  size_t count = 0;
  while (at < end) {
    const unsigned char *newline = memchr(at, '\n', (size_t)(end - at));
    const unsigned char *line_end = newline == NULL ? end : newline;
    if (count == room) return number(env, -1);
    sha256 line = begun;
    SHA256_Update(&line, at, (size_t)(line_end - at));
    SHA256_Final(given[2].start + count * HASH_BYTES, &line);
    count += 1;
    at = line_end + 1;
  }
  return number(env, (int64_t)count);
}

/* nodes(hashes, out): the hash of 0x01 and each two hashes. How many there are, or -1. */
static napi_value nodes(napi_env env, napi_callback_info info) {
  struct bytes given[2];
  if (!take(env, info, given, 2)) return number(env, -1);
  size_t count = given[0].length / (2 * HASH_BYTES);
  if (given[1].length < count * HASH_BYTES) return number(env, -1);
  const unsigned char mark = 0x01;
  for (size_t index = 0; index < count; index += 1) {
    sha256 node;
    SHA256_Init(&node);
    SHA256_Update(&node, &mark, 1);
    SHA256_Update(&node, given[0].start + index * 2 * HASH_BYTES, 2 * HASH_BYTES);
    SHA256_Final(given[1].start + index * HASH_BYTES, &node);
  }
  return number(env, (int64_t)count);
}

static void export_function(napi_env env, napi_value exports, const char *name, napi_callback callback) {
  napi_value function = NULL;
  napi_create_function(env, name, SIZE_MAX, callback, NULL, &function);
  napi_set_named_property(env, exports, name, function);
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  export_function(env, exports, "leaves", leaves);
  export_function(env, exports, "nodes", nodes);
  return exports;
}

__attribute__((visibility("default"))) int32_t node_api_module_get_api_version_v1(void) { return 8; }
