/* passphrase-strength.c: whether a passphrase is good enough to keep a store; see crypto.h.
 *
 * An attacker with a copy of the store tries guesses at the price of one scrypt each: 2^50 of those
 * are out of reach, while 2^40 may not be. How many guesses a passphrase takes is zxcvbn's
 * estimate, which knows words, names, keyboard runs, dates and their leet spellings; rules such as
 * "a digit and a capital" only make people write "Password1!". zxcvbn works on the stack and keeps
 * offsets, no text, on the heap. */
#include "redactfs/crypto.h"

#include "redactfs/limits.h"

#include <ctype.h>
#include <string.h>
#include <zxcvbn.h>

#define MIN_CHARACTERS 12u
#define MIN_BITS       50.0
#define MIN_WORD       3u /* bytes of a part of an e-mail address that counts as known */

/* Words that an attacker tries first: the address, its name and domain, their parts. */
struct known {
	char text[2 * (LIMIT_EMAIL_BYTES + 2) + 1]; /* what the words point into */
	const char *word[LIMIT_EMAIL_BYTES / 2 + 8];
	size_t n;
};

static void known_init(struct known *k, const char *email)
{
	const size_t len = email ? strnlen(email, LIMIT_EMAIL_BYTES) : 0;
	char *whole = k->text, *parts = k->text + len + 1;

	for (size_t i = 0; i < len; i++)
		whole[i] = (char)tolower((unsigned char)email[i]);
	whole[len] = 0;
	memcpy(parts, whole, len + 1);
	k->n = 0;
	k->word[k->n++] = "redactfs";
	k->word[k->n++] = whole;
	/* name and domain, then what dots, hyphens and the like divide them into */
	char *p = parts, *end = parts + len;
	while (p < end) {
		char *q = p;

		while (q < end && (isalnum((unsigned char)*q) || (unsigned char)*q >= 0x80))
			q++;
		*q = 0; /* the text ends in a NUL anyway */
		if ((size_t)(q - p) >= MIN_WORD)
			k->word[k->n++] = p;
		p = q + 1;
	}
	k->word[k->n] = NULL;
}

static size_t characters(const struct secret *pp)
{
	size_t n = 0;

	for (size_t i = 0; i < pp->len; i++)
		n += (pp->b[i] & 0xc0) != 0x80; /* UTF-8: continuation bytes don't count */
	return n;
}

static const char hint[] = "several unrelated words make a good one";

int passphrase_check(const struct secret *pp, const char *email, struct errinfo *e)
{
	struct known known;

	if (pp->len > LIMIT_PASSPHRASE_BYTES)
		return err_set(e, -E2BIG, "passphrase too long (limit %u bytes)",
			       LIMIT_PASSPHRASE_BYTES);
	if (memchr(pp->b, 0, pp->len))
		return err_set(e, -EINVAL, "the passphrase holds a NUL byte");
	if (characters(pp) < MIN_CHARACTERS) {
		(void)err_set(e, -EINVAL, "the passphrase is too short (at least %u characters)",
			      MIN_CHARACTERS);
		err_hint(e, "%s", hint);
		return -EINVAL;
	}
	CLEANUP_PTR(secret_free) struct secret *text = secret_new(pp->len + 1);
	if (!text)
		return err_set(e, -ENOMEM, "out of memory");
	memcpy(text->b, pp->b, pp->len);
	known_init(&known, email);
	double bits = ZxcvbnMatch((const char *)text->b, known.word, NULL);
	if (bits < MIN_BITS) {
		(void)err_set(e, -EINVAL, "the passphrase is easy to guess");
		err_hint(e, "%s", hint);
		return -EINVAL;
	}
	return 0;
}
