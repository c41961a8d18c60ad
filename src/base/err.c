/* err.c: error messages that travel up to whoever shows them; see err.h. */
#include "redactfs/err.h"

#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 0))) static int set(struct errinfo *e, int code, const char *fmt,
						     va_list ap)
{
	if (e && !e->code) {
		e->code = code;
		(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap); /* cut at the end is fine */
	}
	return code;
}

int err_set(struct errinfo *e, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)set(e, code, fmt, ap);
	va_end(ap);
	return code;
}

int err_set_at(struct errinfo *e, int code, uint64_t offset, const char *fmt, ...)
{
	va_list ap;

	if (e && !e->code) {
		e->has_offset = true;
		e->offset = offset;
	}
	va_start(ap, fmt);
	(void)set(e, code, fmt, ap);
	va_end(ap);
	return code;
}

int err_set_errno(struct errinfo *e, int code, const char *fmt, ...)
{
	va_list ap;

	if (!e || e->code)
		return code;
	va_start(ap, fmt);
	(void)set(e, code, fmt, ap);
	va_end(ap);

	size_t n = strlen(e->msg);
	(void)snprintf(e->msg + n, sizeof(e->msg) - n, ": %s", strerror(-code));
	return code;
}

void err_hint(struct errinfo *e, const char *fmt, ...)
{
	va_list ap;

	if (!e || e->hint[0])
		return;
	va_start(ap, fmt);
	(void)vsnprintf(e->hint, sizeof(e->hint), fmt, ap);
	va_end(ap);
}

void err_prefix(struct errinfo *e, const char *fmt, ...)
{
	char old[sizeof(e->msg)];
	va_list ap;

	if (!e || !e->code)
		return;
	memcpy(old, e->msg, sizeof(old));
	va_start(ap, fmt);
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);

	size_t n = strlen(e->msg);
	(void)snprintf(e->msg + n, sizeof(e->msg) - n, ": %s", old);
}

int err_exit_status(int code)
{
	switch (-code) {
	case 0:
		return EXIT_OK;
	case ENOENT:
		return EXIT_NOT_FOUND;
	case EACCES:
		return EXIT_DENIED;
	case ENOKEY:
		return EXIT_ERASED;
	case EEXIST:
		return EXIT_EXISTS;
	case EBUSY:
		return EXIT_BUSY;
	case ENOTDIR:
		return EXIT_MOUNTPOINT;
	case ENOTEMPTY:
		return EXIT_NOT_EMPTY;
	case EKEYREJECTED:
		return EXIT_LOGIN;
	case EBADMSG:
		return EXIT_TAMPERED;
	case EUCLEAN:
	case ESTALE:
		return EXIT_DAMAGED;
	case EPROTONOSUPPORT:
		return EXIT_FORMAT;
	case EILSEQ:
		return EXIT_NOT_A_RECORDING;
	case E2BIG:
		return EXIT_LIMIT;
	case ENODEV:
		return EXIT_NO_FUSE;
	case EINVAL:
		return EXIT_INVALID;
	default:
		return EXIT_OTHER;
	}
}
