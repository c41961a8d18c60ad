/* detect-key.c: what the key of key=value, "key":"value" or ?key=value says about the value.
 *
 * Keys say it with their last words (newPassword, X-Api-Key, csrf_token), so patterns are compared
 * from the end, over the folded key; a space in a pattern stands for a separator or none. Not
 * taken: words that merely hold such a word (tokenType, passenger, keyboard, statusCode). */
#include "detect-priv.h"

#include <string.h>

struct key {
	const char
		*pat; /* starts with * where other letters may stand before it, ^ where nothing */
	uint8_t len, kind;
};
/* clang-format off */
#define P(pat, kind) {pat, sizeof(pat) - 1, kind}
/* clang-format on */
#define K(...) ((const struct key[]){__VA_ARGS__, {NULL, 0, 0}})
/* By their last two letters; where one pattern ends in another, the longer one comes first. */
#define AT(a, b) [(a) - 'a'][(b) - 'a']
static const struct key *const keys[26][26] = {
	AT('c', 'a') = K(P("ulica", KEY_PERSON)),
	AT('d', 'a') = K(P("morada", KEY_PERSON)),
	AT('f', 'a') = K(P("2fa", KEY_OTP), P("mfa", KEY_OTP)),
	AT('h', 'a') = K(P("senha", KEY_PASSWORD)),
	AT('n', 'a') = K(P("contrasena", KEY_PASSWORD)),
	AT('a', 'c') = K(P("hmac", KEY_WEAK)),
	AT('s', 'c') = K(P("csc", KEY_CVC)),
	AT('v', 'c') = K(P("cvc", KEY_CVC)),
	AT('i', 'd') = K(P("session id", KEY_SECRET), P("*sessid", KEY_SECRET),
			 P("*sessionid", KEY_SECRET), P("sid", KEY_SECRET),
			 P("access key id", KEY_SECRET)),
	AT('o', 'd') = K(P("overovaci kod", KEY_OTP), P("sms kod", KEY_OTP)),
	AT('r', 'd') = K(P("one time password", KEY_OTP), P("*password", KEY_PASSWORD),
			 P("passwrd", KEY_PASSWORD), P("wachtwoord", KEY_PASSWORD)),
	AT('w', 'd') = K(P("*passwd", KEY_PASSWORD), P("pwd", KEY_PASSWORD)),
	AT('c', 'e') = K(P("ulice", KEY_PERSON)),
	AT('d', 'e') =
		K(P("verification code", KEY_OTP), P("verify code", KEY_OTP),
		  P("one time code", KEY_OTP), P("one time passcode", KEY_OTP),
		  P("recovery code", KEY_OTP), P("backup code", KEY_OTP), P("sms code", KEY_OTP),
		  P("mfa code", KEY_OTP), P("2fa code", KEY_OTP), P("otp code", KEY_OTP),
		  P("totp code", KEY_OTP), P("login code", KEY_OTP),
		  P("confirmation code", KEY_OTP), P("authentication code", KEY_OTP),
		  P("pass code", KEY_OTP), P("einmal code", KEY_OTP),
		  P("bestatigungscode", KEY_OTP), P("verifizierungscode", KEY_OTP),
		  P("verificatie code", KEY_OTP), P("pin code", KEY_PIN), P("vcode", KEY_OTP),
		  P("security code", KEY_CVC), P("card code", KEY_CVC), P("auth code", KEY_WEAK),
		  P("authorization code", KEY_WEAK), P("oauth code", KEY_WEAK),
		  P("invite code", KEY_WEAK), P("^code", KEY_WEAK)),
	AT('i', 'e') =
		K(P("set cookie", KEY_COOKIE), P("cookie", KEY_COOKIE), P("imie", KEY_PERSON)),
	AT('m', 'e') =
		K(P("first name", KEY_PERSON), P("last name", KEY_PERSON),
		  P("given name", KEY_PERSON), P("family name", KEY_PERSON),
		  P("full name", KEY_PERSON), P("middle name", KEY_PERSON),
		  P("maiden name", KEY_PERSON), P("user name", KEY_PERSON),
		  P("surname", KEY_PERSON), P("fname", KEY_PERSON), P("lname", KEY_PERSON),
		  P("vorname", KEY_PERSON), P("nachname", KEY_PERSON), P("cognome", KEY_PERSON),
		  P("sobrenome", KEY_PERSON), P("^name", KEY_PART)),
	AT('r', 'e') = K(P("signature", KEY_WEAK)),
	AT('s', 'e') = K(P("palavra passe", KEY_PASSWORD), P("mot de passe", KEY_PASSWORD),
			 P("pass phrase", KEY_PASSWORD), P("saml response", KEY_SECRET),
			 P("adresse", KEY_PERSON), P("strasse", KEY_PERSON)),
	AT('t', 'e') = K(P("state", KEY_WEAK)),
	AT('u', 'e') = K(P("^value", KEY_MARKUP)),
	AT('r', 'f') = K(P("csrf", KEY_SECRET), P("xsrf", KEY_SECRET)),
	AT('i', 'g') = K(P("sig", KEY_WEAK)),
	AT('s', 'h') = K(P("hash", KEY_WEAK)),
	AT('t', 'h') = K(P("auth", KEY_SECRET)),
	AT('n', 'i') = K(P("prijmeni", KEY_PERSON)),
	AT('a', 'l') = K(P("credential", KEY_SECRET)),
	AT('a', 'm') = K(P("voornaam", KEY_PERSON), P("achternaam", KEY_PERSON)),
	AT('o', 'm') = K(P("prenom", KEY_PERSON)),
	AT('a', 'n') = K(P("tan", KEY_OTP)),
	AT('e', 'n') = K(P("*token", KEY_SECRET)),
	AT('i', 'n') = K(P("pin", KEY_PIN), P("login", KEY_PERSON)),
	AT('o', 'n') = K(P("authorization", KEY_SECRET), P("session", KEY_SECRET),
			 P("client assertion", KEY_SECRET), P("saml assertion", KEY_SECRET),
			 P("code de verification", KEY_OTP), P("code de confirmation", KEY_OTP),
			 P("codigo de verificacion", KEY_OTP)),
	AT('a', 'o') = K(P("codigo de verificacao", KEY_OTP)),
	AT('d', 'o') = K(P("apellido", KEY_PERSON), P("apelido", KEY_PERSON)),
	AT('k', 'o') = K(P("nazwisko", KEY_PERSON), P("priezvisko", KEY_PERSON)),
	AT('l', 'o') = K(P("haslo", KEY_PASSWORD), P("heslo", KEY_PASSWORD)),
	AT('n', 'o') = K(P("jmeno", KEY_PERSON)),
	AT('z', 'o') = K(P("indirizzo", KEY_PERSON)),
	AT('d', 'p') = K(P("mdp", KEY_PASSWORD)),
	AT('t', 'p') = K(P("otp", KEY_OTP), P("totp", KEY_OTP), P("codice otp", KEY_OTP)),
	AT('d', 'r') = K(P("addr", KEY_PERSON)),
	AT('e', 'r') = K(P("bearer", KEY_SECRET), P("code verifier", KEY_SECRET)),
	AT('l', 's') = K(P("credentials", KEY_SECRET)),
	AT('o', 's') = K(P("apellidos", KEY_PERSON)),
	AT('s', 's') = K(P("user pass", KEY_PASSWORD), P("db pass", KEY_PASSWORD),
			 P("^pass", KEY_PASSWORD), P("street address", KEY_PERSON),
			 P("postal address", KEY_PERSON), P("home address", KEY_PERSON),
			 P("billing address", KEY_PERSON), P("shipping address", KEY_PERSON),
			 P("^address", KEY_PERSON)),
	AT('e', 't') = K(P("*secret", KEY_SECRET), P("ticket", KEY_WEAK), P("street", KEY_PERSON)),
	AT('r', 't') = K(P("*passwort", KEY_PASSWORD), P("kennwort", KEY_PASSWORD)),
	AT('w', 't') = K(P("jwt", KEY_SECRET)),
	AT('v', 'v') = K(P("cvv", KEY_CVC)),
	AT('p', 'w') = K(P("^pw", KEY_PASSWORD)),
	AT('s', 'w') = K(P("psw", KEY_PASSWORD)),
	AT('e', 'y') =
		K(P("*api key", KEY_SECRET), P("access key", KEY_SECRET),
		  P("secret key", KEY_SECRET), P("private key", KEY_SECRET),
		  P("signing key", KEY_SECRET), P("encryption key", KEY_SECRET),
		  P("account key", KEY_SECRET), P("master key", KEY_SECRET),
		  P("service key", KEY_SECRET), P("auth key", KEY_SECRET), P("^key", KEY_WEAK)),
	AT('n', 'y') = K(P("kod weryfikacyjny", KEY_OTP)),
};
#undef AT
#undef K

/* Words that may stand behind the telling one: passwordConfirmation, token_value. */
static bool may_end_tail(int a, int b)
{
	return (b == 'm' && a == 'r') || (b == 'n' && (a == 'o' || a == 'i')) ||
	       (b == 'e' && a == 'u') || (b == 't' && a == 'a') || (b == 'd' && a == 'l') ||
	       (b == 'w' && a == 'e');
}

bool key_may_end(int a, int b)
{
	if (!is_alpha(b))
		return is_digit(b) || b >= 0x80;
	if (!is_alpha(a))
		return a >= 0x80;
	a |= 0x20;
	b |= 0x20;
	return keys[a - 'a'][b - 'a'] || may_end_tail(a, b);
}

/* Words that may stand behind the telling one, and digits. */
static size_t strip_tail(const char *f, size_t n)
{
	static const struct key tails[] = {P(" confirmation", 0), P(" confirm", 0), P(" repeat", 0),
					   P(" again", 0),        P(" value", 0),   P(" field", 0),
					   P(" new", 0)};
	bool more = true;

	while (more) {
		more = false;
		while (n > 0 && (is_digit(f[n - 1]) || f[n - 1] == ' '))
			n--;
		for (size_t t = 0; t < sizeof(tails) / sizeof(tails[0]) && !more; t++) {
			size_t len = tails[t].len;

			if (n > len && f[n - 1] == tails[t].pat[len - 1] &&
			    !memcmp(f + n - len, tails[t].pat, len)) {
				n -= len;
				more = true;
			}
		}
	}
	return n;
}

/* Where the pattern starts in f when it ends at n; SIZE_MAX when it doesn't. */
static size_t pattern_start(const char *f, size_t n, const struct key *key)
{
	const char *pat = key->pat;
	size_t k = key->len, i = n;
	bool inside = pat[0] == '*', whole = pat[0] == '^';

	while (k > (size_t)(inside || whole)) {
		k--;
		if (pat[k] == ' ') {
			if (i > 0 && f[i - 1] == ' ')
				i--;
			continue;
		}
		if (i == 0 || f[i - 1] != pat[k])
			return SIZE_MAX;
		i--;
	}
	if (i == 0 || inside)
		return i;
	return !whole && f[i - 1] == ' ' ? i : SIZE_MAX;
}

/* forgot_password=1, showPassword, resetToken: settings and links, not values. */
static bool is_about(const char *f, size_t n)
{
	static const char *const verbs[] = {
		"forgot",  "forgotten", "reset", "show",   "remember", "change", "has",     "is",
		"lost",    "update",    "hide",  "toggle", "no",       "need",   "require", "with",
		"without", "invalid",   "wrong", "enable", "allow",    "use",    "min",     "max"};
	size_t start;

	while (n > 0 && f[n - 1] == ' ')
		n--;
	for (start = n; start > 0 && f[start - 1] != ' '; start--)
		;
	for (size_t k = 0; k < sizeof(verbs) / sizeof(verbs[0]); k++) {
		if (strlen(verbs[k]) == n - start && !memcmp(verbs[k], f + start, n - start))
			return true;
	}
	return false;
}

#undef P

enum key_kind key_kind_of(const uint8_t *s, size_t n)
{
	char f[2 * LOOK_KEY_BYTES];
	size_t len = strip_tail(f, words_fold(s, n, f, sizeof(f))), start;

	if (len < 2 || !is_alpha(f[len - 1]) || !is_alpha(f[len - 2]))
		return KEY_NONE;
	for (const struct key *k = keys[f[len - 2] - 'a'][f[len - 1] - 'a']; k && k->pat; k++) {
		start = pattern_start(f, len, k);
		if (start == SIZE_MAX)
			continue;
		if (k->kind == KEY_PASSWORD && start > 0 && is_about(f, start))
			return KEY_NONE;
		return k->kind;
	}
	return KEY_NONE;
}
