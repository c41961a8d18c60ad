/* mountpoint.c: see mountpoint.h. libfuse would notice most of this too, after the passphrase and
 * in words of its own; and it would gladly mount over a redactfs that is there. */
#include "mountpoint.h"

#include "redactfs/cleanup.h"
#include "redactfs/fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

bool mountinfo_says_redactfs(const char *line, const char *path)
{
	const char *type = strstr(line, " - "), *p = line;

	if (!type || strncmp(type, " - fuse.redactfs ", 17) != 0)
		return false;
	for (int i = 0; i < 4; i++) { /* id, parent, device, root */
		p = strchr(p, ' ');
		if (!p++)
			return false;
	}
	for (; *p && *p != ' ' && *path; path++) {
		unsigned c = (unsigned char)*p++;

		if (c == '\\' && strspn(p, "01234567") >= 3) {
			c = (unsigned)((p[0] - '0') << 6 | (p[1] - '0') << 3 | (p[2] - '0'));
			p += 3;
		}
		if (c != (unsigned char)*path)
			return false;
	}
	return *p == ' ' && !*path;
}

/* A dead mount, whose daemon was killed, counts too. */
static bool is_redactfs(const char *path)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t cap = 0;
	bool found = false;

	if (!f)
		return false; /* no /proc: two that start at once are still told apart by the lock
			       */
	while (!found && getline(&line, &cap, f) > 0)
		found = mountinfo_says_redactfs(line, path);
	free(line);
	(void)fclose(f); /* read only */
	return found;
}

static int check_empty(int fd, const char *path, struct errinfo *e)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *ent;
	int r = 0;

	if (!d) {
		r = err_set_errno(e, -errno, "cannot list mount point '%s'", path);
		if (copy >= 0)
			(void)close(copy); /* nothing to lose */
		return r;
	}
	while (!r && (ent = readdir(d)))
		if (strcmp(ent->d_name, ".") != 0 && strcmp(ent->d_name, "..") != 0)
			r = err_set(e, -ENOTEMPTY, "mount point '%s' is not empty", path);
	(void)closedir(d); /* read only */
	return r;
}

static int check_fuse(struct errinfo *e)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		int r = err_set(e, -ENODEV, "cannot open '/dev/fuse': %s", strerror(errno));
		if (errno == ENOENT || errno == ENODEV)
			err_hint(e, "load the kernel module: modprobe fuse");
		return r;
	}
	(void)close(fd); /* unused */
	return 0;
}

/* Who holds it is about to mount, or fails to: another second or two. */
static int lock(int fd, const char *path)
{
	const struct timespec pause = {.tv_nsec = 20 * 1000000};

	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
		if (errno != EWOULDBLOCK || i == 250 || is_redactfs(path))
			return -EBUSY;
		(void)nanosleep(&pause, NULL); /* a signal makes the pause shorter: no harm */
	}
	return 0;
}

static void hint_dead(struct errinfo *e, const char *path)
{
	err_hint(e, "its daemon died; unmount it first: %s '%s'",
		 geteuid() ? "fusermount3 -u" : "umount", path);
}

int mountpoint_check(const char *path, struct mountpoint *ret, struct errinfo *e)
{
	struct mountpoint m = {.fd = -1};
	CLEANUP_FD int fd = -1;
	struct statfs fst;
	struct stat st;

	if (!realpath(path, m.path)) {
		if (errno == ENOTCONN) {
			hint_dead(e, path);
			return err_set(e, -EBUSY, "a redactfs is mounted on '%s' already", path);
		}
		if (errno == ENOENT)
			return err_set(e, -ENOTDIR, "mount point '%s' does not exist", path);
		return err_set(e, -ENOTDIR, "cannot use mount point '%s': %s", path,
			       strerror(errno));
	}
	/* before anything that would ask a daemon that doesn't answer */
	if (is_redactfs(m.path)) {
		int r = err_set(e, -EBUSY, "a redactfs is mounted on '%s' already", path);
		/* a dead one's attributes may still be cached */
		if (statfs(m.path, &fst) < 0 && errno == ENOTCONN)
			hint_dead(e, path);
		return r;
	}
	if (stat(m.path, &st) < 0)
		return err_set(e, -ENOTDIR, "cannot use mount point '%s': %s", path,
			       strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_set(e, -ENOTDIR, "mount point '%s' is not a folder", path);
	fd = open(m.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set_errno(e, -errno, "cannot open mount point '%s'", path);
	/* Somebody mounted between the look and the open: then the lock is on his root. */
	if (lock(fd, m.path) < 0 || is_redactfs(m.path))
		return err_set(e, -EBUSY, "another redactfs is using mount point '%s'", path);
	int r = check_empty(fd, path, e);
	if (r < 0)
		return r;
	r = check_fuse(e);
	if (r < 0)
		return r;
	m.fd = take_fd(&fd);
	*ret = m;
	return 0;
}

int fs_remount_read_only(const char *path, struct errinfo *e)
{
	char real[PATH_MAX];

	if (!realpath(path, real) || !is_redactfs(real))
		return err_set(e, -EINVAL, "no redactfs is mounted on '%s'", path);
	if (mount(NULL, real, NULL,
		  MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME, NULL) < 0)
		return err_set_errno(e, -errno, "cannot remount '%s'", path);
	return 0;
}

void mountpoint_done(struct mountpoint *m)
{
	if (m->fd >= 0)
		(void)close(m->fd); /* gives the lock up */
	m->fd = -1;
}
