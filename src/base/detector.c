/* detector.c: names of the detectors, and what they look for; see detector.h. In base for the
 * reason that class.c is. */
#include "redactfs/detector.h"

#include <string.h>

static const struct {
	const char *name;
	enum redact_class cls;
} detectors[DETECTOR_COUNT] = {
	[DETECTOR_PASSWORD] = {"password", CLASS_PASSWORD},
	[DETECTOR_CARD] = {"card", CLASS_CARD},
	[DETECTOR_CVC] = {"cvc", CLASS_CVC},
	[DETECTOR_OTP] = {"otp", CLASS_OTP},
	[DETECTOR_JWT] = {"jwt", CLASS_SECRET},
	[DETECTOR_API_KEY] = {"api-keys", CLASS_SECRET},
	[DETECTOR_PRIVATE_KEY] = {"private-keys", CLASS_SECRET},
	[DETECTOR_BEARER] = {"bearer", CLASS_SECRET},
	[DETECTOR_COOKIE] = {"cookies", CLASS_SECRET},
	[DETECTOR_TOKEN] = {"tokens", CLASS_SECRET},
	[DETECTOR_URL_SECRET] = {"url-secrets", CLASS_SECRET},
	[DETECTOR_IBAN] = {"iban", CLASS_IBAN},
	[DETECTOR_PESEL] = {"pesel", CLASS_NATIONAL_ID},
	[DETECTOR_NIP] = {"nip", CLASS_NATIONAL_ID},
	[DETECTOR_REGON] = {"regon", CLASS_NATIONAL_ID},
	[DETECTOR_RODNE] = {"rodne-cislo", CLASS_NATIONAL_ID},
	[DETECTOR_ICO] = {"ico", CLASS_NATIONAL_ID},
	[DETECTOR_NIR] = {"nir", CLASS_NATIONAL_ID},
	[DETECTOR_STEUER_ID] = {"steuer-id", CLASS_NATIONAL_ID},
	[DETECTOR_DNI] = {"dni", CLASS_NATIONAL_ID},
	[DETECTOR_FISCALE] = {"codice-fiscale", CLASS_NATIONAL_ID},
	[DETECTOR_BSN] = {"bsn", CLASS_NATIONAL_ID},
	[DETECTOR_SSN] = {"ssn", CLASS_NATIONAL_ID},
	[DETECTOR_NHS] = {"nhs-number", CLASS_NATIONAL_ID},
	[DETECTOR_NINO] = {"nino", CLASS_NATIONAL_ID},
	[DETECTOR_NIF_PT] = {"nif-pt", CLASS_NATIONAL_ID},
	[DETECTOR_EMAIL] = {"email", CLASS_EMAIL},
	[DETECTOR_PHONE] = {"phone", CLASS_PHONE},
	[DETECTOR_IPV4] = {"ipv4", CLASS_IP},
	[DETECTOR_IPV6] = {"ipv6", CLASS_IP},
	[DETECTOR_BIRTHDATE] = {"birthdate", CLASS_BIRTHDATE},
	[DETECTOR_URL] = {"url", CLASS_URL},
};

const char *detector_name(enum detector d)
{
	return (unsigned)d < DETECTOR_COUNT ? detectors[d].name : NULL;
}

enum detector detector_parse(const char *name, size_t len)
{
	for (int i = 1; i < DETECTOR_COUNT; i++) {
		if (strlen(detectors[i].name) == len && !memcmp(detectors[i].name, name, len))
			return (enum detector)i;
	}
	return DETECTOR_NONE;
}

enum redact_class detector_class(enum detector d)
{
	return (unsigned)d < DETECTOR_COUNT ? detectors[d].cls : CLASS_NONE;
}

uint64_t detectors_of(enum redact_class c)
{
	uint64_t all = 0;

	for (int i = 1; i < DETECTOR_COUNT; i++) {
		if (detectors[i].cls == c)
			all |= DETECTOR_BIT(i);
	}
	return all;
}
