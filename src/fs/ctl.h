/* ctl.h: the control folder, .redactfs/: files about the mount.
 *
 * It can be entered but isn't listed, as ZFS does with .zfs: what it says changes all the time, so
 * that a backup of the mount would never find "nothing changed", and `find MOUNT -delete` or
 * `rm -r MOUNT/.[!.]*` would end with an error on files that nobody can remove. */
#ifndef REDACTFS_SRC_FS_CTL_H
#define REDACTFS_SRC_FS_CTL_H

#include "view.h"

/* status.json: what this mount is, does and has done. Made when it is opened; its size is that of
 * the one just made, so a reader asks open files only, and they are opened with direct_io. */
int ctl_status_size(struct fs *fs, uint64_t *ret);
int ctl_status_open(struct fs *fs, void **ret_file);

/* audit.ndjson: the audit log, an entry a line (docs/SCRIPTING.md). It is read as it is asked for,
 * since a log grows without a bound, and goes on where it ended: `tail -f` shows what comes. */
int ctl_audit_size(struct fs *fs, uint64_t *ret);
int ctl_audit_open(struct fs *fs, void **ret_file);
extern const struct file_ops ctl_audit_ops;

/* What is known of where in it an entry begins. */
struct audit_places;
struct audit_places *audit_places_new(void); /* NULL: out of memory */
struct audit_places *audit_places_free(struct audit_places *a);

/* policy/SITE.ini: a site's policy as it was set; only where one was. */
bool ctl_policy_set(struct fs *fs, const struct site_row *site);
int ctl_policy_size(struct fs *fs, const struct site_row *site, uint64_t *ret);
int ctl_policy_open(struct fs *fs, const struct site_row *site, void **ret_file);

/* notice/SITE.LANG.txt: what visitors are told (redactfs/notice.h); only where the policy names a
 * controller. */
#define NOTICE_SLOTS 16u /* of a site's row in the number of an inode */
uint64_t ctl_notice_ino(const struct site_row *site, unsigned lang);
unsigned ctl_notice_lang(uint64_t ino);
uint64_t ctl_notice_site(uint64_t ino);
/* -ENOENT: there is none. */
int ctl_notice_size(struct fs *fs, const struct site_row *site, unsigned lang, uint64_t *ret);
int ctl_notice_open(struct fs *fs, const struct site_row *site, unsigned lang, void **ret_file);

#endif
