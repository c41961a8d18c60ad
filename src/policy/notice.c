/* notice.c: a notice out of its sentences; see redactfs/notice.h. */
#include "redactfs/notice.h"

#include "notice-words.h"

#include <errno.h>
#include <string.h>

const char *notice_lang(unsigned i)
{
	return notice_words[i].lang;
}

int notice_lang_find(const char *lang, size_t len)
{
	for (unsigned i = 0; i < NOTICE_LANGS; i++)
		if (strlen(notice_words[i].lang) == len && !memcmp(notice_words[i].lang, lang, len))
			return (int)i;
	return -EINVAL;
}

struct filling {
	const struct policy *p;
	const char *site;
	struct buf *out;
};

static int put_value(const struct filling *f, const char *name, size_t n)
{
	if (n == 4 && !memcmp(name, "site", n))
		return buf_adds(f->out, f->site);
	if (n == 4 && !memcmp(name, "days", n))
		return buf_addf(f->out, "%lu", (unsigned long)f->p->retention_days);
	return buf_adds(f->out, f->p->controller);
}

/* A sentence with {site}, {controller} and {days} filled in, and what stands after it. */
static int put(const struct filling *f, const char *s, const char *after)
{
	int r = 0;

	while (r >= 0 && *s) {
		size_t n = strcspn(s, "{");

		r = buf_add(f->out, s, n);
		s += n;
		if (r >= 0 && *s) {
			n = strcspn(s + 1, "}");
			r = put_value(f, s + 1, n);
			s += n + 2;
		}
	}
	return r < 0 ? r : buf_adds(f->out, after);
}

/* Whether mail addresses, numbers to call, accounts and ids are looked for and not shown. */
static bool hides(const struct policy *p)
{
	static const enum redact_class all[] = {CLASS_EMAIL, CLASS_PHONE, CLASS_IBAN,
						CLASS_NATIONAL_ID};
	struct policy d = {0};
	int r = policy_default(&d);
	bool yes = r == 0 && (p->detect & d.detect) == d.detect;

	policy_done(&d);
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		yes = yes && p->disp[all[i]] != DISP_SHOW;
	return yes;
}

int notice_text(unsigned lang, const struct policy *p, const char *site, struct buf *out)
{
	const struct notice_words *w = &notice_words[lang];
	const struct filling f = {p, site, out};
	const char *forms = p->disp[CLASS_FORM] == DISP_DROP   ? w->forms_off
			    : p->disp[CLASS_FORM] == DISP_SEAL ? w->forms_sealed
							       : w->forms_shown;
	const char *kept = !p->retention_days       ? w->kept_open
			   : p->retention_days == 1 ? w->kept_day
						    : w->kept_days;
	int r;

	if (!p->controller[0])
		return -EINVAL;
	if ((r = put(&f, w->title, "\n\n")) < 0 || (r = put(&f, w->what, "\n\n")) < 0 ||
	    (r = put(&f, forms, " ")) < 0 || (r = put(&f, w->never, "")) < 0)
		return r;
	if (hides(p) && ((r = buf_addc(out, ' ')) < 0 || (r = put(&f, w->hidden, "")) < 0))
		return r;
	if ((r = buf_adds(out, "\n\n")) < 0 || (r = put(&f, w->locked, " ")) < 0 ||
	    (r = put(&f, kept, "\n\n")) < 0)
		return r;
	r = put(&f, w->rights, "\n");
	return r < 0 ? r : 0;
}
