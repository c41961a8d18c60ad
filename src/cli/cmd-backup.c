/* cmd-backup.c: redactfs backup: a copy of a store, kept up to date in place. */
#include "cli-priv.h"

static int run(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	struct backup_stats st;
	struct errinfo e = {0};
	char size[SIZE_BYTES];
	int r = login(a, &s);

	if (r)
		return r;
	r = store_backup(s, a->v[1], &st, &e);
	if (r < 0)
		return say_error(&e, r);
	size_format(st.copied_bytes, size);
	printf("backed up %llu blobs, copied %llu (%s), removed %llu, epoch %llu\n",
	       (unsigned long long)st.blobs, (unsigned long long)st.copied, size,
	       (unsigned long long)st.removed, (unsigned long long)st.epoch);
	return EXIT_OK;
}

static const struct opt opts[] = {OPTS_LOGIN, OPTS_END};

const struct command cmd_backup = {
	.name = "backup",
	.synopsis = "STORE FOLDER [OPTION]...",
	.summary = "copy a store, or bring a copy up to date",
	.about = "Makes FOLDER a copy of the store, or brings a copy up to date: what is new is\n"
		 "copied, what was erased goes, and the copy's old root is overwritten, so that\n"
		 "it can't open what was erased either. The copy is a store itself.\n",
	.opts = opts,
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
