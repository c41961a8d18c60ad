/* detector.h: what looks for sensitive text in what a page says, and how policies call it. */
#ifndef REDACTFS_DETECTOR_H
#define REDACTFS_DETECTOR_H

#include "redactfs/class.h"

#include <stddef.h>
#include <stdint.h>

/* Numbers are part of the disk format (docs/FORMAT.md, "How"): only ever added to, up to 63. Those
 * of one class lie side by side. */
enum detector {
	DETECTOR_NONE = 0,
	DETECTOR_PASSWORD = 1,
	DETECTOR_CARD = 2,
	DETECTOR_CVC = 3,
	DETECTOR_OTP = 4,
	DETECTOR_JWT = 5,
	DETECTOR_API_KEY = 6,     /* known key formats */
	DETECTOR_PRIVATE_KEY = 7, /* in PEM */
	DETECTOR_BEARER = 8,      /* what follows Bearer or Basic */
	DETECTOR_COOKIE = 9,
	DETECTOR_TOKEN = 10,      /* values whose name says that they are secret */
	DETECTOR_URL_SECRET = 11, /* user names before a host, webhooks, code= and state= */
	DETECTOR_IBAN = 12,
	DETECTOR_PESEL = 13,
	DETECTOR_NIP = 14,
	DETECTOR_REGON = 15,
	DETECTOR_RODNE = 16,
	DETECTOR_ICO = 17,
	DETECTOR_NIR = 18,
	DETECTOR_STEUER_ID = 19,
	DETECTOR_DNI = 20, /* and NIE */
	DETECTOR_FISCALE = 21,
	DETECTOR_BSN = 22,
	DETECTOR_SSN = 23,
	DETECTOR_NHS = 24,
	DETECTOR_NINO = 25,
	DETECTOR_NIF_PT = 26,
	DETECTOR_EMAIL = 27,
	DETECTOR_PHONE = 28,
	DETECTOR_IPV4 = 29,
	DETECTOR_IPV6 = 30,
	DETECTOR_BIRTHDATE = 31,
	DETECTOR_URL = 32, /* names and addresses in URL parts */
	DETECTOR_COUNT
};

/* Sets of detectors are masks of 1 << enum detector. */
#define DETECTOR_BIT(d)             ((uint64_t)1 << (d))
#define DETECTORS_FROM(first, last) (DETECTOR_BIT((last) + 1) - DETECTOR_BIT(first))
#define DETECTORS_ALL               DETECTORS_FROM(DETECTOR_PASSWORD, DETECTOR_URL)
#define DETECTORS_NATIONAL_ID       DETECTORS_FROM(DETECTOR_PESEL, DETECTOR_NIF_PT)
/* Those of the classes that are always dropped: no policy switches them off. */
#define DETECTORS_ALWAYS DETECTORS_FROM(DETECTOR_PASSWORD, DETECTOR_OTP)

/* "pesel", "ipv4", …; that of a class with one detector has the class's name. NULL for none. */
const char *detector_name(enum detector d);
/* The detector of a name, or DETECTOR_NONE. */
enum detector detector_parse(const char *name, size_t len);
/* What it finds. */
enum redact_class detector_class(enum detector d);
/* All of a class; 0 where nothing looks for it. */
uint64_t detectors_of(enum redact_class c);

#endif
