/* site.h: names of sites. Pure. */
#ifndef REDACTFS_SITE_H
#define REDACTFS_SITE_H

#include "redactfs/err.h"

#include <stddef.h>

/* A site's name is a folder's name in the mount: a DNS name or plain host in lower case, labels of
 * 1…63 characters out of a-z, 0-9 and '-' that neither start nor end with '-', at most
 * LIMIT_SITE_BYTES in all, no final dot. International names are given as they stand in the DNS
 * (xn--…). 0, or -EINVAL with what is wrong. */
int site_name_check(const char *name, size_t len, struct errinfo *e);

#endif
