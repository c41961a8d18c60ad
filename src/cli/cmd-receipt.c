/* cmd-receipt.c: redactfs receipt: a certificate of erasure, that OpenSSL alone can check. */
#include "cli-priv.h"

#include <stdlib.h>
#include <string.h>

/* The lines of the text as members of an object: what a script wants to read. */
static int add_lines(struct buf *b, const char *text)
{
	int r = buf_adds(b, "{");
	bool first = true;

	text = strchr(text, '\n') + 1; /* the heading */
	while (r >= 0 && *text) {
		const char *colon = strstr(text, ": "), *end = strchr(text, '\n');

		r = buf_addf(b, "%s\"%.*s\":\"", first ? "" : ",", (int)(colon - text), text);
		if (r >= 0)
			r = buf_add_json(b, colon + 2, (size_t)(end - colon - 2));
		if (r >= 0)
			r = buf_addc(b, '"');
		first = false;
		text = end + 1;
	}
	return r < 0 ? r : buf_adds(b, "}");
}

static int as_json(struct store *s, const struct buf *text, const uint8_t sig[SIGN_BYTES],
		   struct buf *out)
{
	CLEANUP(buf_done) struct buf pem = {0};
	uint8_t pk[32];
	int r;

	store_audit_key(s, pk);
	r = audit_key_pem(pk, &pem);
	if (r >= 0)
		r = buf_adds(out, "{\"fields\":");
	if (r >= 0)
		r = add_lines(out, text->p);
	if (r >= 0)
		r = buf_adds(out, ",\"certificate\":\"");
	if (r >= 0)
		r = buf_add_json(out, text->p, text->len);
	if (r >= 0)
		r = buf_adds(out, "\",\"signature\":\"");
	if (r >= 0)
		r = buf_add_base64(out, sig, SIGN_BYTES);
	if (r >= 0)
		r = buf_adds(out, "\",\"public_key\":\"");
	if (r >= 0)
		r = buf_add_json(out, pem.p, pem.len);
	return r < 0 ? r : buf_adds(out, "\"}\n");
}

/* The number of a batch: what erase printed. */
static bool parse_number(const char *s, uint64_t *ret)
{
	char *end;

	if (*s < '1' || *s > '9' || strlen(s) > 18)
		return false;
	*ret = strtoull(s, &end, 10);
	return !*end;
}

static int run(const struct args *a)
{
	CLEANUP_PTR(store_close) struct store *s = NULL;
	CLEANUP(buf_done) struct buf text = {0}, out = {0};
	uint8_t sig[SIGN_BYTES];
	struct errinfo e = {0};
	struct session_id id;
	uint64_t seq = 0;
	bool json, batch;
	int r = opt_format(a, &json);

	if (r)
		return r;
	batch = parse_number(a->v[1], &seq);
	if (!batch && !session_id_parse(a->v[1], &id))
		return say_usage(a->cmd, "'%s' is neither a session's id nor a receipt's number",
				 a->v[1]);
	r = login(a, &s);
	if (r)
		return r;
	r = store_receipt(s, seq, batch ? NULL : &id, &text, sig, &e);
	if (r >= 0 && json)
		r = as_json(s, &text, sig, &out);
	else if (r >= 0) {
		r = buf_add(&out, text.p, text.len);
		if (r >= 0)
			r = audit_receipt_seal(sig, &out);
	}
	return r < 0 ? say_error(&e, r) : out_write(out.p, out.len);
}

static const struct opt opts[] = {
	{OPT_FORMAT, "format", "FORMAT", "text (default) or json", 0, false}, OPTS_LOGIN, OPTS_END};

const struct command cmd_receipt = {
	.name = "receipt",
	.synopsis = "STORE ID [OPTION]...",
	.summary = "print a certificate of erasure",
	.about = "Prints a signed certificate that a session was erased, by the session's id, or\n"
		 "that a batch was, by the number that erase printed. OpenSSL alone can check it:\n"
		 "redactfs(1) shows how.\n",
	.opts = opts,
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
