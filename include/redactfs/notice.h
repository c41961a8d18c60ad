/* notice.h: what visitors are told, made of a site's policy: that visits are recorded and by whom,
 * what is never kept, how long the rest is, what they can ask for (GDPR Art. 13). Why visits are
 * recorded, and on what legal basis, no policy knows: whoever publishes a notice adds it. */
#ifndef REDACTFS_NOTICE_H
#define REDACTFS_NOTICE_H

#include "redactfs/buf.h"
#include "redactfs/policy.h"

enum { NOTICE_LANGS = 10 };

/* "en", "pl"…, of i < NOTICE_LANGS. */
const char *notice_lang(unsigned i);
/* Its number, or -EINVAL. */
int notice_lang_find(const char *lang, size_t len);

/* Adds the text: UTF-8, a paragraph a line, an empty line between. 0; -EINVAL: the policy names no
 * controller, and a notice that doesn't say who records isn't one; -ENOMEM. */
int notice_text(unsigned lang, const struct policy *p, const char *site, struct buf *out);

#endif
