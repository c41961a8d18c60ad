/* medium.c: see medium.h. Hints, no proof: a disk can do behind its interface what it likes. What
 * is warned of is told by docs/ERASURE.md, "What can't be promised". */
#include "medium.h"

#include "redactfs/io.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

/* Not in linux/magic.h: OpenZFS include/sys/fs/zfs.h (ZFS_SUPER_MAGIC); Linux
 * fs/bcachefs/bcachefs_format.h (BCACHEFS_STATFS_MAGIC); fs/ntfs3/super.c; fs/ubifs/ubifs.h;
 * include/uapi/linux/magic.h of Linux 6.2 (EXFAT_SUPER_MAGIC). */
#define MAGIC_ZFS      0x2fc12fc1
#define MAGIC_BCACHEFS 0xca451a4e
#define MAGIC_NTFS3    0x7366746e
#define MAGIC_UBIFS    0x24051905
#define MAGIC_EXFAT    0x2011bab0

static const struct {
	uint32_t magic;
	const char *name;
	unsigned warnings;
} known[] = {
	{EXT4_SUPER_MAGIC, "ext4", 0}, /* ext2 and ext3 as well */
	{XFS_SUPER_MAGIC, "xfs", 0},
	{MSDOS_SUPER_MAGIC, "vfat", 0},
	{MAGIC_EXFAT, "exfat", 0},
	{MAGIC_NTFS3, "ntfs3", 0},
	{BTRFS_SUPER_MAGIC, "btrfs", MEDIUM_COW},
	{MAGIC_ZFS, "zfs", MEDIUM_COW},
	{MAGIC_BCACHEFS, "bcachefs", MEDIUM_COW},
	{F2FS_SUPER_MAGIC, "f2fs", MEDIUM_LOG},
	{NILFS_SUPER_MAGIC, "nilfs2", MEDIUM_LOG},
	{JFFS2_SUPER_MAGIC, "jffs2", MEDIUM_LOG},
	{MAGIC_UBIFS, "ubifs", MEDIUM_LOG},
	{OVERLAYFS_SUPER_MAGIC, "overlay", MEDIUM_OVERLAY},
	{NFS_SUPER_MAGIC, "nfs", MEDIUM_NETWORK},
	{SMB_SUPER_MAGIC, "smb", MEDIUM_NETWORK},
	{CIFS_SUPER_MAGIC, "cifs", MEDIUM_NETWORK},
	{SMB2_SUPER_MAGIC, "smb2", MEDIUM_NETWORK},
	{CEPH_SUPER_MAGIC, "ceph", MEDIUM_NETWORK},
	{AFS_SUPER_MAGIC, "afs", MEDIUM_NETWORK},
	{CODA_SUPER_MAGIC, "coda", MEDIUM_NETWORK},
	{V9FS_MAGIC, "9p", MEDIUM_NETWORK},
	{FUSE_SUPER_MAGIC, "fuse", MEDIUM_FUSE},
	{TMPFS_MAGIC, "tmpfs", MEDIUM_MEMORY},
	{RAMFS_MAGIC, "ramfs", MEDIUM_MEMORY},
};

static const struct {
	const char *name, *text;
} warnings[] = {
	{"cow", "copy-on-write: what is overwritten stays until its block is used again, and in "
		"snapshots"},
	{"log", "the file system writes a log: what is overwritten stays until it is cleaned"},
	{"overlay", "an overlay: where it really lies is another file system's business"},
	{"network", "on another machine: its disk, its snapshots, its backups"},
	{"fuse", "served by another program: what it does with what is overwritten isn't known"},
	{"memory", "in memory: all is lost when the power goes"},
	{"loop", "on a loop device: a file on another file system"},
	{"mapped", "on LVM or the like: a snapshot keeps what is overwritten"},
	{"flash", "flash memory: what is overwritten stays in its cells for a while"},
	{"unknown", "a file system that isn't known to overwrite in place"},
};

const char *medium_warning_name(unsigned i)
{
	return i < sizeof(warnings) / sizeof(warnings[0]) ? warnings[i].name : NULL;
}

const char *medium_warning_text(unsigned i)
{
	return i < sizeof(warnings) / sizeof(warnings[0]) ? warnings[i].text : NULL;
}

/* Is there a file NAME of the device in /sys? */
static bool sys_has(dev_t dev, const char *name)
{
	char path[96];
	struct stat st;

	(void)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%s", major(dev), minor(dev), name);
	return stat(path, &st) == 0;
}

static bool sys_text(dev_t dev, const char *name, char *out, size_t size)
{
	CLEANUP(buf_done) struct buf b = {0};
	char path[96];

	(void)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%s", major(dev), minor(dev), name);
	if (io_read_file_at(AT_FDCWD, path, size - 1, &b) < 0 || !b.len)
		return false;
	memcpy(out, b.p, b.len);
	out[b.len] = 0;
	return true;
}

static void look_at_device(dev_t dev, struct medium *m)
{
	unsigned long maj, min;
	char text[32], *end;

	/* a partition's folder lies in its disk's */
	if (sys_has(dev, "partition") && sys_text(dev, "../dev", text, sizeof(text))) {
		maj = strtoul(text, &end, 10);
		if (end != text && *end == ':') {
			min = strtoul(end + 1, NULL, 10); /* the kernel wrote it: "8:0" */
			dev = makedev((unsigned)maj, (unsigned)min);
			m->disk = dev;
		}
	}
	if (sys_has(dev, "loop"))
		m->warnings |= MEDIUM_LOOP;
	if (sys_has(dev, "dm"))
		m->warnings |= MEDIUM_MAPPED;
	if (sys_text(dev, "queue/rotational", text, sizeof(text)) && text[0] == '0')
		m->warnings |= MEDIUM_FLASH;
}

int medium_of(int fd, struct medium *ret)
{
	struct medium m = {.warnings = MEDIUM_UNKNOWN};
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0)
		return -errno;
	(void)snprintf(m.fs, sizeof(m.fs), "0x%x", (unsigned)fs.f_type);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].magic != (uint32_t)fs.f_type)
			continue;
		(void)snprintf(m.fs, sizeof(m.fs), "%s", known[i].name);
		m.warnings = known[i].warnings;
	}
	m.dev = m.disk = st.st_dev;
	look_at_device(st.st_dev, &m);
	*ret = m;
	return 0;
}
