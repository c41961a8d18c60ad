/* export.c: a data subject's copy (Art. 15 and 20 GDPR): sessions as a zip, with a page that says
 * what is in it.
 *
 * (X1) what stands in the zip is what a mount shows, byte for byte: of an ordinary one, or of a
 * reveal mount (X2) it is whole or it isn't: a session that can't be read, or goes while it is
 * read, ends the export; one that had gone before is left out (X3) nothing of a recording is markup
 * in the page: its own words, and names that are checked where they come from */
#include "redactfs/xfer.h"

#include "redactfs/cleanup.h"
#include "redactfs/io.h"
#include "redactfs/replay.h"
#include "redactfs/timez.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PIECE_BYTES ((size_t)1 << 20)

struct exporting {
	struct store *s; /* borrowed */
	const struct export_opts *o;
	struct export_stats *st;
	struct errinfo *e;
	struct archive *zip; /* owned */
	int fd, failed;      /* where it goes; the -errno of what couldn't be written */
	char *piece;         /* owned; wiped */
	struct buf rows;     /* owned: of the page's table */
	bool players;
};

static void exporting_done(struct exporting *x)
{
	if (x->zip)
		(void)archive_write_free(x->zip); /* what it couldn't write was said before */
	if (x->piece)
		wipe(x->piece, PIECE_BYTES);
	free(x->piece);
	buf_wipe_done(&x->rows);
}

static void entry_done(struct archive_entry **e)
{
	archive_entry_free(*e);
}

/* Never fails, as far as libarchive can see: it doesn't free what it has at work when it did. */
static la_ssize_t take(struct archive *a, void *ctx, const void *p, size_t n)
{
	struct exporting *x = ctx;

	(void)a;
	if (!x->failed)
		x->failed = io_write(x->fd, p, n);
	return (la_ssize_t)n;
}

static int zip_failed(struct exporting *x, int r)
{
	int code = x->failed ? -x->failed : archive_errno(x->zip);

	if (r >= ARCHIVE_WARN && !x->failed)
		return 0;
	return err_set_errno(x->e, code > 0 ? -code : -EIO, "cannot write the zip");
}

static int put(struct exporting *x, const void *p, size_t n)
{
	la_ssize_t k = archive_write_data(x->zip, p, n);

	x->st->bytes += n;
	if (k >= 0 && (size_t)k != n)
		return err_set(x->e, -EIO, "cannot write the zip: %zu of %zu bytes", (size_t)k, n);
	return zip_failed(x, k < 0 ? (int)k : ARCHIVE_OK);
}

static int start_file(struct exporting *x, const char *path, uint64_t size, int64_t mtime_ns)
{
	CLEANUP(entry_done) struct archive_entry *entry = archive_entry_new();

	if (!entry)
		return -ENOMEM;
	archive_entry_set_pathname(entry, path);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_size(entry, (la_int64_t)size);
	archive_entry_set_mtime(entry, (time_t)(mtime_ns / 1000000000), 0);
	return zip_failed(x, archive_write_header(x->zip, entry));
}

static int put_text(struct exporting *x, const char *path, const struct buf *b, int64_t mtime_ns)
{
	int r = start_file(x, path, b->len, mtime_ns);

	return r < 0 || !b->len ? r : put(x, b->p, b->len);
}

/* ---- one session */

static int put_events(struct exporting *x, struct reader *rd)
{
	uint64_t at = 0, size = reader_size(rd);
	int r = 0;

	while (r == 0 && at < size) {
		ssize_t k = reader_pread(rd, x->piece, PIECE_BYTES, at);

		if (k == -ENOKEY || k == -ESTALE) /* keeps X2 */
			return err_set(x->e, -ESTALE,
				       "a session was erased, or its site's policy "
				       "changed, while it was exported: start again");
		if (k <= 0)
			return k < 0 ? (int)k : -EIO;
		r = put(x, x->piece, (size_t)k);
		at += (uint64_t)k;
	}
	return r;
}

/* Names are DNS names, dates and names of folders: nothing in them is special to HTML or a path. */
static int add_row(struct exporting *x, const struct session_row *row, const char *folder,
		   const char *site)
{
	char start[UTC_BYTES];
	int64_t sec = (row->end_ms - row->start_ms) / 1000;

	utc_format(row->start_ms, start);
	int r = buf_addf(&x->rows,
			 "<tr><td>%.10s %.8s UTC<td>%s<td>%lld:%02lld:%02lld<td>%llu<td>"
			 "<a href=\"%s/transcript.txt\">what was done</a>",
			 start, start + 11, site, (long long)(sec / 3600),
			 (long long)(sec / 60 % 60), (long long)(sec % 60),
			 (unsigned long long)row->events, folder);
	if (r == 0 && x->players)
		r = buf_addf(&x->rows, ", <a href=\"%s/replay.html\">as it was seen</a>", folder);
	return r < 0 ? r
		     : buf_addf(&x->rows,
				", <a href=\"%s/events.json\">recording</a>, "
				"<a href=\"%s/session.json\">about it</a>\n",
				folder, folder);
}

static int put_files(struct exporting *x, struct reader *rd, const struct site_row *site,
		     const struct day_row *day)
{
	CLEANUP(buf_wipe_done) struct buf json = {0}, said = {0};
	const struct session_row *row = reader_row(rd);
	char folder[LIMIT_SITE_BYTES + 48], path[LIMIT_SITE_BYTES + 80];
	size_t page;
	const uint8_t *head = replay_page(&page);
	int r = session_json(row, site->name, day->name, &json);

	(void)snprintf(folder, sizeof(folder), "%s/%s/%s", site->name, day->name, row->name);
	if (r == 0)
		r = reader_transcript(rd, &said);
	(void)snprintf(path, sizeof(path), "%s/events.json", folder);
	if (r == 0)
		r = start_file(x, path, reader_size(rd), row->mtime_ns);
	if (r == 0)
		r = put_events(x, rd);
	(void)snprintf(path, sizeof(path), "%s/session.json", folder);
	if (r == 0)
		r = put_text(x, path, &json, row->mtime_ns);
	(void)snprintf(path, sizeof(path), "%s/transcript.txt", folder);
	if (r == 0)
		r = put_text(x, path, &said, row->mtime_ns);
	(void)snprintf(path, sizeof(path), "%s/replay.html", folder);
	if (r == 0 && head) {
		r = start_file(x, path, page + reader_size(rd), row->mtime_ns);
		if (r == 0)
			r = put(x, head, page);
		if (r == 0)
			r = put_events(x, rd);
	}
	return r < 0 ? r : add_row(x, row, folder, site->name);
}

static int put_session(struct exporting *x, uint64_t ino)
{
	CLEANUP_PTR(reader_close) struct reader *rd = NULL;
	struct session_row row;
	struct site_row site;
	struct day_row day;
	int r = store_reader_open(x->s, ino, x->o->reveal, &rd, x->e);

	if (r == -ENOENT) {
		x->st->gone++;
		*x->e = (struct errinfo){0};
		return 0;
	}
	if (r == 0)
		r = store_session_get(x->s, ino, &row);
	if (r == 0)
		r = store_site_get(x->s, row.site_id, &site);
	if (r == 0)
		r = store_day_get(x->s, row.day_id, &day);
	if (r == 0)
		r = put_files(x, rd, &site, &day);
	if (r == 0)
		x->st->sessions++;
	return r;
}

/* ---- the page */

static const char page_head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	"'unsafe-inline'\">\n"
	"<title>Recorded visits</title>\n"
	"<style>body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
	"table{border-collapse:collapse}td,th{border-bottom:1px solid #ccc;padding:.3em .8em .3em "
	"0;"
	"text-align:left;vertical-align:top}</style>\n"
	"<h1>Recorded visits</h1>\n";

static const char page_ordinary[] =
	"<p>What stands in square brackets, as <code>[email]</code> or <code>[form]</code>, was "
	"taken out "
	"of this copy. <code>[password]</code>, <code>[card]</code>, <code>[cvc]</code> and "
	"<code>[otp]</code> are never kept at all.\n";
static const char page_revealed[] =
	"<p>This copy holds what was entered, as far as it was kept. What stands in square "
	"brackets, as "
	"<code>[password]</code> or <code>[card]</code>, was never kept.\n";

static int put_page(struct exporting *x)
{
	CLEANUP(buf_wipe_done) struct buf b = {0};
	int r = buf_adds(&b, page_head);

	if (r == 0)
		r = buf_addf(
			&b,
			"<p>%llu visit%s, each in a folder of its own by site and day: what was "
			"done, a line an action; %sthe recording itself (JSON, as the rrweb "
			"recorder writes it); and what is known about it.\n",
			(unsigned long long)x->st->sessions, x->st->sessions == 1 ? "" : "s",
			x->players ? "a page that plays it; " : "");
	if (r == 0)
		r = buf_adds(&b, x->o->reveal ? page_revealed : page_ordinary);
	if (r == 0)
		r = buf_adds(&b, "<table>\n<tr><th>When<th>Site<th>How long<th>Events<th>Files\n");
	if (r == 0 && x->rows.len)
		r = buf_add(&b, x->rows.p, x->rows.len);
	if (r == 0)
		r = buf_adds(&b, "</table>\n");
	return r < 0 ? r : put_text(x, "index.html", &b, (int64_t)time(NULL) * 1000000000);
}

int export_zip(struct store *s, const struct export_opts *o, int fd, struct export_stats *ret,
	       struct errinfo *e)
{
	struct errinfo own = {0};
	size_t page;
	CLEANUP(exporting_done)
	struct exporting x = {.s = s,
			      .o = o,
			      .st = ret,
			      .e = e ? e : &own,
			      .zip = archive_write_new(),
			      .piece = malloc(PIECE_BYTES),
			      .fd = fd,
			      .players = replay_page(&page) != NULL};

	*ret = (struct export_stats){0};
	if (!x.zip || !x.piece)
		return err_set(x.e, -ENOMEM, "out of memory");
	int r = zip_failed(&x, archive_write_set_format_zip(x.zip));
	if (r == 0) /* no padding of the last block: it isn't a tape */
		r = zip_failed(&x, archive_write_set_bytes_in_last_block(x.zip, 1));
	if (r == 0)
		r = zip_failed(&x, archive_write_open(x.zip, &x, NULL, take, NULL));
	for (size_t i = 0; r == 0 && i < o->n; i++) {
		r = put_session(&x, o->inos[i]);
		if (o->progress)
			o->progress(o->ctx, i + 1, o->n);
	}
	if (r == 0)
		r = put_page(&x);
	if (r == 0)
		r = zip_failed(&x, archive_write_close(x.zip));
	return r < 0 ? err_set_errno(x.e, r, "cannot export a session") : 0;
}
