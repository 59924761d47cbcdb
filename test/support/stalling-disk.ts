import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.js';

/**
 * Stands before the C library: what changes anything below STALL_BELOW waits as long as the file STALL_WHILE is there, as
 * on a frozen file system. Reading goes on.
 */
const SOURCE = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_below(const char *path) {
  const char *below = getenv("STALL_BELOW");
  return below != NULL && path != NULL && strncmp(path, below, strlen(below)) == 0;
}
static void wait_for(const char *path) {
  const char *file = getenv("STALL_WHILE");
  int before = errno;
  while (file != NULL && is_below(path) && access(file, F_OK) == 0) usleep(1000);
  errno = before;
}
static void wait_for_fd(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return;
  path[length] = 0;
  wait_for(path);
}
#define ORIGINAL(type, name, parameters) \\
  static type (*original) parameters; \\
  if (original == NULL) original = (type (*) parameters) dlsym(RTLD_NEXT, #name)
#define OF_FD(name, result, parameters, arguments, types) \\
  result name parameters { ORIGINAL(result, name, types); wait_for_fd(fd); return original arguments; }
#define OF_PATH(name, result, parameters, arguments, types) \\
  result name parameters { ORIGINAL(result, name, types); wait_for(path); return original arguments; }
OF_FD(fsync, int, (int fd), (fd), (int))
OF_FD(fdatasync, int, (int fd), (fd), (int))
OF_FD(write, ssize_t, (int fd, const void *b, size_t n), (fd, b, n), (int, const void *, size_t))
OF_FD(pwrite64, ssize_t, (int fd, const void *b, size_t n, off_t o), (fd, b, n, o), (int, const void *, size_t, off_t))
OF_FD(writev, ssize_t, (int fd, const struct iovec *v, int n), (fd, v, n), (int, const struct iovec *, int))
OF_FD(ftruncate64, int, (int fd, off_t n), (fd, n), (int, off_t))
OF_PATH(mkdir, int, (const char *path, mode_t m), (path, m), (const char *, mode_t))
OF_PATH(unlink, int, (const char *path), (path), (const char *))
OF_PATH(rmdir, int, (const char *path), (path), (const char *))
OF_PATH(rename, int, (const char *path, const char *to), (path, to), (const char *, const char *))
static int open_any(int (*original)(const char *, int, ...), const char *path, int flags, mode_t mode) {
  if (flags & (O_CREAT | O_TRUNC)) wait_for(path);
  return original(path, flags, mode);
}
#define OPENS(name) \\
  int name(const char *path, int flags, ...) { \\
    ORIGINAL(int, name, (const char *, int, ...)); \\
    va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, int); va_end(rest); \\
    return open_any(original, path, flags, mode); \\
  }
OPENS(open)
OPENS(open64)
`;

/** Whether this machine can build it. */
export const HAS_CC = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;

/** A folder on a disk that can be told to stand still, for a process of its own. */
export class StallingDisk {
  private readonly aside = temporaryFolder();
  readonly folder = temporaryFolder();
  private readonly file = join(this.aside, 'stall');

  /** What the environment of the process must hold. */
  readonly environment: Readonly<Record<string, string>>;

  constructor() {
    const library = join(this.aside, 'stall.so');
    const source = join(this.aside, 'stall.c');
    writeFileSync(source, SOURCE);
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
    this.environment = {
      LD_PRELOAD: library,
      STALL_BELOW: this.folder,
      STALL_WHILE: this.file,
      PREDICTION_LOG_DIR: this.folder,
    };
  }

  stall(): void {
    writeFileSync(this.file, '');
  }

  goOn(): void {
    rmSync(this.file, { force: true });
  }
}
