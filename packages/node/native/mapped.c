/*
 * Maps a file into memory, so that a record is in the page cache without a system call: it survives the end of the
 * process, however that comes, as what write(2) wrote does. Optional: without this library the SDK writes each record.
 *
 * Two functions, on Linux only. The callers have written to the whole file before, so its pages exist and the disk has room
 * for them. What can still go wrong (somebody truncates the file, the disk fails, a copy-on-write file system is full)
 * reaches a process as SIGBUS, which would kill the host. So the signal is caught: memory of our own, with what the file
 * still holds, takes the place of the mapping, and a flag in it tells the caller to go on without. A SIGBUS for any
 * other address goes where it went before. The few functions of Node-API that are used are declared here, because its ABI
 * is stable and a compiler is then all that is needed to build this.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

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
  char *start;
  size_t bytes;
  /* A descriptor of our own: the caller's may be closed, and its number used again. */
  int fd;
  /* Where the flag stands in the memory, or negative for none. */
  int64_t flag;
};

/* One per spool and one per file of open requests, in each thread: more are not mapped. */
#define MAPPINGS_MAX 256
static struct mapping *mappings[MAPPINGS_MAX];
static struct sigaction before;
static int is_watching;

static struct mapping *mapping_at(const char *address) {
  for (int index = 0; index < MAPPINGS_MAX; index += 1) {
    struct mapping *mapping = __atomic_load_n(&mappings[index], __ATOMIC_ACQUIRE);
    if (mapping == NULL || address < mapping->start) continue;
    if ((size_t)(address - mapping->start) < mapping->bytes) return mapping;
  }
  return NULL;
}

/* Only calls that are allowed in a signal handler. False when there is no memory: then the signal is what it was. */
static int replace(struct mapping *mapping) {
  char *copy = mmap(NULL, mapping->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED) return 0;
  size_t filled = 0;
  while (filled < mapping->bytes) {
    ssize_t count = pread(mapping->fd, copy + filled, mapping->bytes - filled, (off_t)filled);
    if (count <= 0) break;
    filled += (size_t)count;
  }
  if (mapping->flag >= 0) *(volatile int32_t *)(copy + mapping->flag) = 1;
  return mremap(copy, mapping->bytes, mapping->bytes, MREMAP_MAYMOVE | MREMAP_FIXED, mapping->start) != MAP_FAILED;
}

static void on_bus_error(int signal, siginfo_t *info, void *context) {
  int saved = errno;
  struct mapping *mapping = mapping_at(info->si_addr);
  int is_replaced = mapping != NULL && replace(mapping);
  errno = saved;
  if (is_replaced) return;
  if ((before.sa_flags & SA_SIGINFO) != 0) {
    before.sa_sigaction(signal, info, context);
  } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler(signal);
  } else {
    /* The instruction runs again, and this time the signal does what it does without us. */
    sigaction(SIGBUS, &before, NULL);
  }
}

static int watch(struct mapping *mapping) {
  int expected = 0;
  if (__atomic_compare_exchange_n(&is_watching, &expected, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    struct sigaction action = {0};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGBUS, &action, &before) != 0) return 0;
  }
  for (int index = 0; index < MAPPINGS_MAX; index += 1) {
    struct mapping *empty = NULL;
    if (__atomic_compare_exchange_n(&mappings[index], &empty, mapping, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) return 1;
  }
  return 0;
}

static void forget(struct mapping *mapping) {
  for (int index = 0; index < MAPPINGS_MAX; index += 1) {
    struct mapping *found = mapping;
    if (__atomic_compare_exchange_n(&mappings[index], &found, NULL, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) return;
  }
}

static void discard(struct mapping *mapping) {
  forget(mapping);
  munmap(mapping->start, mapping->bytes);
  if (mapping->fd >= 0) close(mapping->fd);
  free(mapping);
}

static napi_value number(napi_env env, int32_t value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

/* Runs when the buffer is collected or was detached by `unmap`: the only place that ends a mapping. */
static void end_mapping(napi_env env, void *data, void *hint) {
  (void)env;
  (void)data;
  discard(hint);
}

/*
 * map(fd, bytes, flag): an ArrayBuffer over the first bytes of the file, or a number: the negated errno. `flag` is where in
 * it a 32-bit number becomes 1 once the memory is not the file any more; negative for nowhere.
 */
static napi_value map(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value arguments[3];
  int32_t fd = -1;
  int64_t bytes = 0;
  int64_t flag = -1;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  if (count < 3 || napi_get_value_int32(env, arguments[0], &fd) || napi_get_value_int64(env, arguments[1], &bytes) ||
      napi_get_value_int64(env, arguments[2], &flag) || bytes <= 0 || flag > bytes - (int64_t)sizeof(int32_t)) {
    return number(env, -EINVAL);
  }
  struct mapping *mapping = malloc(sizeof *mapping);
  if (mapping == NULL) return number(env, -ENOMEM);
  mapping->bytes = (size_t)bytes;
  mapping->flag = flag;
  mapping->start = mmap(NULL, mapping->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapping->start == MAP_FAILED) {
    int32_t reason = errno;
    free(mapping);
    return number(env, -reason);
  }
  mapping->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  napi_value result = NULL;
  if (mapping->fd < 0 || !watch(mapping) ||
      napi_create_external_arraybuffer(env, mapping->start, mapping->bytes, end_mapping, mapping, &result)) {
    discard(mapping);
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
