/* passphrase-strength.c: refuses passphrases that can be guessed; see crypto.h. The estimate is
 * zxcvbn's: words, names, dates, keyboards and repetitions, with the operator's own address known
 * to the guesser. */
#include "redactfs/crypto.h"

#include "redactfs/limits.h"

#include <ctype.h>
#include <string.h>
#include <zxcvbn.h>

#define MIN_CHARS 12
#define MIN_BITS  50.0 /* with scrypt at 128 MiB a guess, out of reach */
#define WORDS     8

/* UTF-8 characters: bytes that don't go on from another. */
static size_t chars(const struct secret *pp)
{
	size_t n = 0;

	for (size_t i = 0; i < pp->len; i++)
		n += (pp->b[i] & 0xc0) != 0x80;
	return n;
}

/* The parts of an e-mail address, for the guesser's dictionary. */
static void words_of(const char *email, char *copy, size_t size, const char *words[WORDS + 1])
{
	size_t n = 0, i = 0;

	for (; email && email[i] && i + 1 < size; i++)
		copy[i] = (char)tolower((unsigned char)email[i]);
	copy[i] = 0;
	for (char *save = NULL, *w = strtok_r(copy, "@.+-_", &save); w && n < WORDS;
	     w = strtok_r(NULL, "@.+-_", &save))
		words[n++] = w;
	words[n] = NULL;
}

int passphrase_check(const struct secret *pp, const char *email, struct errinfo *e)
{
	char copy[LIMIT_EMAIL_BYTES + 1];
	const char *words[WORDS + 1];

	if (pp->len > LIMIT_PASSPHRASE_BYTES)
		return err_set(e, -E2BIG, "passphrase too long (limit %u bytes)",
			       LIMIT_PASSPHRASE_BYTES);
	if (memchr(pp->b, 0, pp->len))
		return err_set(e, -EINVAL, "the passphrase holds a NUL byte");
	if (chars(pp) < MIN_CHARS) {
		err_set(e, -EINVAL, "the passphrase is too short (at least %d characters)",
			MIN_CHARS);
		err_hint(e, "several unrelated words make a good one");
		return -EINVAL;
	}

	CLEANUP_PTR(secret_free) struct secret *text = secret_new(pp->len + 1);
	if (!text)
		return -ENOMEM;
	memcpy(text->b, pp->b, pp->len);
	words_of(email, copy, sizeof(copy), words);
	if (ZxcvbnMatch((const char *)text->b, words, NULL) < MIN_BITS) {
		err_set(e, -EINVAL, "the passphrase is easy to guess");
		err_hint(e, "several unrelated words make a good one");
		return -EINVAL;
	}
	return 0;
}
