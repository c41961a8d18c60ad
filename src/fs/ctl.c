/* ctl.c: the control folder's files; see ctl.h. Numbers and settings only: names of sites are what
 * the mount's root shows anyway, names of sessions and visitors don't occur. */
#include "ctl.h"

#include "redactfs/notice.h"
#include "text.h"

#include <stdlib.h>
#include <time.h>

static const char *yes(bool b)
{
	return b ? "true" : "false";
}

static unsigned long long get(atomic_uint_fast64_t *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

static int status(struct fs *fs, struct buf *b)
{
	const struct store_assurance *root = store_assurance(fs->store);
	struct store_space space;
	uint64_t seq, pending;
	int r;

	if ((r = store_space(fs->store, &space)) < 0 ||
	    (r = store_change_seq(fs->store, &seq)) < 0 ||
	    (r = store_erase_pending_count(fs->store, &pending)) < 0)
		return r;
	r = buf_addf(b,
		     "{\n"
		     "  \"version\": \"%s\",\n"
		     "  \"mounted\": %lld,\n"
		     "  \"may_erase\": %s,\n"
		     "  \"reveal\": %s,\n"
		     "  \"direct_io\": %s,\n"
		     "  \"erase\": \"%s\",\n"
		     "  \"sessions\": %llu,\n"
		     "  \"change\": %llu,\n"
		     "  \"pending_erasures\": %llu,\n"
		     "  \"root\": \"%s\",\n"
		     "  \"root_warnings\": \"%s\",\n"
		     "  \"reserve_bytes\": %llu,\n",
		     REDACTFS_VERSION, (long long)fs->started_s, yes(fs->may_erase),
		     yes(fs->o->reveal), yes(fs->o->direct_io),
		     fs->o->erase == FS_ERASE_INTENT ? "intent" : "sync",
		     (unsigned long long)space.sessions, (unsigned long long)seq,
		     (unsigned long long)pending, root->level, root->warnings,
		     (unsigned long long)store_reserve_bytes(fs->store));
	if (r < 0)
		return r;
	return buf_addf(b,
			"  \"lookups\": %llu,\n"
			"  \"lists\": %llu,\n"
			"  \"opens\": %llu,\n"
			"  \"reads\": %llu,\n"
			"  \"read_bytes\": %llu,\n"
			"  \"erased\": %llu,\n"
			"  \"damaged\": %llu\n"
			"}\n",
			get(&fs->count.lookups), get(&fs->count.lists), get(&fs->count.opens),
			get(&fs->count.reads), get(&fs->count.read_bytes), get(&fs->count.erased),
			get(&fs->count.damaged));
}

int ctl_status_size(struct fs *fs, uint64_t *ret)
{
	struct buf b = {0};
	int r = status(fs, &b);

	if (r >= 0)
		*ret = b.len;
	buf_done(&b);
	return r < 0 ? r : 0;
}

int ctl_status_open(struct fs *fs, void **ret_file)
{
	struct buf b = {0};

	int r = status(fs, &b);
	if (r < 0) {
		buf_done(&b);
		return r;
	}
	return text_open(&b, ret_file);
}

bool ctl_policy_set(struct fs *fs, const struct site_row *site)
{
	uint64_t size;

	return ctl_policy_size(fs, site, &size) >= 0 && size;
}

int ctl_policy_size(struct fs *fs, const struct site_row *site, uint64_t *ret)
{
	struct buf b = {0};
	uint64_t seq;

	int r = store_policy_get(fs->store, site->name, &b, &seq);
	if (r >= 0)
		*ret = b.len;
	buf_done(&b);
	return r < 0 ? r : 0;
}

int ctl_policy_open(struct fs *fs, const struct site_row *site, void **ret_file)
{
	struct buf b = {0};
	uint64_t seq;

	int r = store_policy_get(fs->store, site->name, &b, &seq);
	if (r < 0) {
		buf_done(&b);
		return r;
	}
	return text_open(&b, ret_file);
}

uint64_t ctl_notice_ino(const struct site_row *site, unsigned lang)
{
	return ino_make(INO_NOTICE, site->id * NOTICE_SLOTS + lang);
}

unsigned ctl_notice_lang(uint64_t ino)
{
	return (unsigned)(ino_row(ino) % NOTICE_SLOTS);
}

uint64_t ctl_notice_site(uint64_t ino)
{
	return ino_row(ino) / NOTICE_SLOTS;
}

static int notice(struct fs *fs, const struct site_row *site, unsigned lang, struct buf *out)
{
	struct buf ini = {0};
	struct policy p = {0};
	uint64_t seq;
	int r = lang < NOTICE_LANGS ? store_policy_get(fs->store, site->name, &ini, &seq) : -ENOENT;

	if (r >= 0)
		r = policy_parse(ini.p ? ini.p : "", ini.len, &p, NULL);
	if (r >= 0 && !p.controller[0])
		r = -ENOENT;
	if (r >= 0)
		r = notice_text(lang, &p, site->name, out);
	policy_done(&p);
	buf_done(&ini);
	return r < 0 ? r : 0;
}

int ctl_notice_size(struct fs *fs, const struct site_row *site, unsigned lang, uint64_t *ret)
{
	struct buf b = {0};
	int r = notice(fs, site, lang, &b);

	*ret = b.len;
	buf_done(&b);
	return r;
}

int ctl_notice_open(struct fs *fs, const struct site_row *site, unsigned lang, void **ret_file)
{
	struct buf b = {0};

	int r = notice(fs, site, lang, &b);
	if (r < 0) {
		buf_done(&b);
		return r;
	}
	return text_open(&b, ret_file);
}
