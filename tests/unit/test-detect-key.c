/* test-detect-key.c: what names of values say. */
#include "../../src/redact/detect-priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	enum key_kind kind;
	const char *keys; /* separated by spaces */
} t[] = {
	{KEY_PASSWORD,
	 "password Password userPassword new_password password2 password_confirmation "
	 "newPasswordConfirm passwd db_passwd pwd pass passphrase passwort Kennwort "
	 "motdepasse mdp contraseña senha wachtwoord hasło heslo psw pw dbPass"},
	{KEY_PIN, "pin userPin pinCode"},
	{KEY_OTP, "otp totp one_time_code one-time-password verificationCode smsCode mfa_code 2fa "
		  "recovery_code backupCode tan vcode passcode"},
	{KEY_CVC, "cvc cvv csc card_code securityCode"},
	{KEY_SECRET, "token accessToken access_token csrf-token x-csrf-token idtoken authToken "
		     "secret client_secret apiKey api_key X-Api-Key access_key secretKey "
		     "private_key auth authorization session session_id sessionid PHPSESSID "
		     "JSESSIONID sid connect.sid jwt csrf xsrf credentials token_value"},
	{KEY_COOKIE, "cookie Cookie Set-Cookie"},
	{KEY_WEAK, "code key state sig signature ticket hash auth_code"},
	{KEY_PERSON, "firstName last_name surname fullname username login street address "
		     "street_address vorname nachname prenom apellidos cognome nazwisko prijmeni"},
	{KEY_PART, "name"},
	{KEY_MARKUP, "value"},
	{KEY_NONE, "tokenType token_endpoint maxTokens passenger compass bypass_x passwordless "
		   "password_hint forgot_password resetPassword showPassword remember-password "
		   "keyboard keyCode statusCode zipcode promo_code countryCode author secretary "
		   "sessionDuration assign design color margin node type id parentId "
		   "x2 12 title code_name broken_ taken spin"},
};

static void test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const char *p = t[i].keys;

		while (*p) {
			size_t n = strcspn(p, " ");
			enum key_kind k = key_kind_of((const uint8_t *)p, n);

			if (k != t[i].kind)
				print_error("'%.*s' is %d\n", (int)n, p, (int)k);
			assert_int_equal(k, t[i].kind);
			/* The look that spares the rest refuses none of them. */
			if (k != KEY_NONE)
				assert_true(key_may_end((uint8_t)p[n - 2], (uint8_t)p[n - 1]));
			p += n + (p[n] == ' ');
		}
	}
}

static const char *value(const char *s)
{
	static char out[256];
	struct detect_matches m = {0};

	assert_int_equal(detect_scan(s, strlen(s), DETECT_TEXT, DETECTORS_ALL, NULL, 0, &m), 0);
	out[0] = 0;
	if (m.n > 0)
		(void)snprintf(out, sizeof(out), "%.*s", (int)m.v[0].len, s + m.v[0].off);
	detect_matches_done(&m);
	return out;
}

static void test_values(void **state)
{
	static const char *const v[][2] = {
		{"{\"password\":\"a \\\"b\\\" c\"}", "a \\\"b\\\" c"},
		{"{\\\"password\\\":\\\"a \\\\\\\"b\\\\\\\" c\\\",\\\"x\\\":1}",
		 "a \\\\\\\"b\\\\\\\" c"},
		{"{\"password\":\"ends in a backslash \\\\\"}", "ends in a backslash \\\\"},
		{"{\"password\":\"cut o", "cut o"},
		{"password=hunter2&x=1", "hunter2"},
		{"password=hunter2 and more", "hunter2"},
		{"{\"password\":null}", ""},
		{"{\"password\":\"\"}", ""},
		{"{\"password\":{\"min\":8}}", ""},
		{"prompt('Password: ', stream=None)", ""},
		{"Authorization: ApiKey 0123456789abcdef", "0123456789abcdef"},
		{"Cookie: a=1; b=0123456789abcdef; c=x", "0123456789abcdef"},
		{"password=[password]&x", ""},
		{"\"token\": \"[secret]\"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		assert_string_equal(value(v[i][0]), v[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
