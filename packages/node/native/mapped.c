/*
 * Maps a file into memory, so that a record is in the page cache without a system call: it survives the end of the
 * process, however that comes, as what write(2) wrote does. Optional: without this library the SDK writes each record.
 *
 * Two functions, on Linux only. Whoever calls them must have written to the part of the file that is touched: a page that
 * the file does not have, or that the disk has no room for, would kill the process (SIGBUS). The few functions of Node-API
 * that are used are declared here, because its ABI is stable and a compiler is then all that is needed to build this.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef int napi_status;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
typedef void (*napi_finalize)(napi_env, void *, void *);

extern napi_status napi_get_cb_info(napi_env, napi_callback_info, size_t *, napi_value *, napi_value *, void **);
extern napi_status napi_get_value_int32(napi_env, napi_value, int32_t *);
extern napi_status napi_get_value_int64(napi_env, napi_value, int64_t *);
extern napi_status napi_create_int32(napi_env, int32_t, napi_value *);
extern napi_status napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
extern napi_status napi_set_named_property(napi_env, napi_value, const char *, napi_value);
extern napi_status napi_create_external_arraybuffer(napi_env, void *, size_t, napi_finalize, void *, napi_value *);
extern napi_status napi_detach_arraybuffer(napi_env, napi_value);

struct mapping {
  void *start;
  size_t bytes;
};

static napi_value number(napi_env env, int32_t value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

/* Runs when the buffer is collected or was detached by `unmap`: the only place that ends a mapping. */
static void end_mapping(napi_env env, void *data, void *hint) {
  (void)env;
  (void)data;
  struct mapping *mapping = hint;
  munmap(mapping->start, mapping->bytes);
  free(mapping);
}

/* map(fd, bytes): an ArrayBuffer over the first bytes of the file, or a number: the negated errno. */
static napi_value map(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2];
  int32_t fd = -1;
  int64_t bytes = 0;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  if (count < 2 || napi_get_value_int32(env, arguments[0], &fd) || napi_get_value_int64(env, arguments[1], &bytes) ||
      bytes <= 0) {
    return number(env, -EINVAL);
  }
  struct mapping *mapping = malloc(sizeof *mapping);
  if (mapping == NULL) return number(env, -ENOMEM);
  mapping->bytes = (size_t)bytes;
  mapping->start = mmap(NULL, mapping->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapping->start == MAP_FAILED) {
    int32_t reason = errno;
    free(mapping);
    return number(env, -reason);
  }
  napi_value result = NULL;
  if (napi_create_external_arraybuffer(env, mapping->start, mapping->bytes, end_mapping, mapping, &result)) {
    munmap(mapping->start, mapping->bytes);
    free(mapping);
    return number(env, -ENOTSUP);
  }
  return result;
}

/* unmap(buffer): empties the buffer. 0, or the negated errno. */
static napi_value unmap(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  return number(env, count == 1 && napi_detach_arraybuffer(env, argument) == 0 ? 0 : -EINVAL);
}

static void export_function(napi_env env, napi_value exports, const char *name, napi_callback callback) {
  napi_value function = NULL;
  napi_create_function(env, name, SIZE_MAX, callback, NULL, &function);
  napi_set_named_property(env, exports, name, function);
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  export_function(env, exports, "map", map);
  export_function(env, exports, "unmap", unmap);
  return exports;
}

__attribute__((visibility("default"))) int32_t node_api_module_get_api_version_v1(void) { return 8; }
