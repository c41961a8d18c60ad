/* detect-words.c: the words before a number, which say what it is.
 *
 * A checksum of eleven passes one number in eleven, so ids with no more than that count only where
 * a word announces them. Words are compared folded (lower case, no accents), whole, and in the
 * order of the text: the word nearest to the value wins where two contradict ("order phone", "phone
 * order"). A pattern's space stands for any separator or none, so that one entry covers "date of
 * birth", dateOfBirth, date_of_birth and dateofbirth. */
#include "detect-priv.h"

#include <string.h>

/* U+00C0…U+017F without accents. */
static const char latin[] =
	"aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty"
	"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkk"
	"llllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/* Of U+00C0…U+017F. */
static bool is_capital(uint32_t cp)
{
	if (cp < 0x100)
		return cp < 0xdf;
	if ((cp >= 0x139 && cp <= 0x148) || cp >= 0x179)
		return cp & 1;
	return cp == 0x178 || !(cp & 1);
}

size_t words_fold(const uint8_t *s, size_t n, char *out, size_t cap)
{
	size_t k = 0;
	enum { SEP, LOWER, UPPER, DIGIT } prev = SEP, now;

	for (size_t i = 0, len = 1; i < n && k + 2 <= cap; i += len) {
		uint32_t cp = s[i];
		char c = 0;

		len = 1;
		now = SEP;
		if (cp >= 0x80)
			cp = cp_at(s, n, i, &len);
		if (cp >= 0x300 && cp < 0x370) /* a combining accent */
			continue;
		if (cp < 0x80 && is_alpha((int)cp)) {
			c = (char)(cp | 0x20);
			now = cp & 0x20 ? LOWER : UPPER;
		} else if (cp < 0x80 && is_digit((int)cp)) {
			c = (char)cp;
			now = DIGIT;
		} else if (cp >= 0xc0 && cp < 0x180 && latin[cp - 0xc0] != ' ') {
			c = latin[cp - 0xc0];
			now = is_capital(cp) ? UPPER : LOWER;
		}
		if (now == SEP || (now == UPPER && prev == LOWER) ||
		    (now == UPPER && prev == UPPER && i + 1 < n && s[i + 1] >= 'a' &&
		     s[i + 1] <= 'z')) {
			if (k > 0 && out[k - 1] != ' ')
				out[k++] = ' ';
		}
		if (now != SEP)
			out[k++] = c;
		prev = now;
	}
	if (k > 0 && out[k - 1] == ' ')
		k--;
	return k;
}

struct word {
	const char *pat; /* ends in * where more letters may follow */
	uint8_t hint;
};
#define W(...) ((const struct word[]){__VA_ARGS__, {NULL, 0}})
/* By first letter; where one pattern starts another, the longer one comes first. */
static const struct word *const words[26] = {
	['a' - 'a'] = W(
		{"adresse ip", H_IP}, {"adres ip", H_IP}, {"adresa ip", H_IP},
		{"access code", H_OTP}, {"authentication code", H_OTP}, {"auth code", H_OTP},
		{"anruf*", H_CALL}, {"appel*", H_CALL}, {"amount", H_ORDER}, {"article*", H_ORDER},
		{"articulo*", H_ORDER}, {"artikel*", H_ORDER}, {"artyku*", H_ORDER},
		{"articolo", H_ORDER}, {"art", H_ORDER}, {"asin", H_ORDER}, {"auftrag*", H_ORDER},
		{"api", H_PRODUCT}, {"android", H_PRODUCT}, {"app", H_PRODUCT}, {"after", H_SHAPE}),
	['b' - 'a'] = W({"birth number", H_RODNE}, {"birth date", H_BIRTH}, {"birthday", H_BIRTH},
			{"born", H_BIRTH}, {"bday", H_BIRTH}, {"bsn", H_BSN},
			{"burger service nummer", H_BSN}, {"bel", H_CALL}, {"bellen", H_CALL},
			{"bestatigungscode", H_OTP}, {"barcode", H_ORDER}, {"bar code", H_ORDER},
			{"batch", H_ORDER}, {"bestell*", H_ORDER}, {"betrag", H_ORDER},
			{"bedrag", H_ORDER}, {"build", H_VERSION}, {"bios", H_PRODUCT},
			{"before", H_SHAPE}, {"bijv", H_SHAPE}),
	['c' - 'a'] = W(
		{"code is", H_OTP}, {"code ist", H_OTP}, {"code lautet", H_OTP},
		{"code est", H_OTP}, {"codigo es", H_OTP}, {"codice e", H_OTP}, {"call us", H_CALL},
		{"call me", H_CALL}, {"calling", H_CALL}, {"call", H_CALL},
		{"cell phone*", H_PHONE}, {"cell number", H_PHONE}, {"cell no", H_PHONE},
		{"cellular*", H_PHONE}, {"cell", H_CALL}, {"chiama*", H_CALL},
		{"contact number", H_PHONE}, {"contact no", H_PHONE}, {"codice fiscale", H_FISCALE},
		{"cod fiscale", H_FISCALE}, {"c f", H_FISCALE}, {"contribuinte", H_PTNIF},
		{"code de verification", H_OTP}, {"code de confirmation", H_OTP},
		{"code a usage unique", H_OTP}, {"code sms", H_OTP},
		{"codigo de verificac*", H_OTP}, {"codigo de confirmac*", H_OTP},
		{"codigo sms", H_OTP}, {"codice di verifica", H_OTP}, {"codice di conferma", H_OTP},
		{"codice otp", H_OTP}, {"confirmation code", H_OTP}, {"case", H_ORDER},
		{"catalog*", H_ORDER}, {"cena", H_ORDER}, {"castka", H_ORDER},
		{"commande", H_ORDER}, {"consignment", H_ORDER}, {"chrome", H_PRODUCT},
		{"chapter", H_PRODUCT}, {"clause", H_PRODUCT}),
	['d' - 'a'] = W({"date of birth", H_BIRTH}, {"date de naissance", H_BIRTH},
			{"data di nascita", H_BIRTH}, {"data de nascimento", H_BIRTH},
			{"data urodzenia", H_BIRTH}, {"daty urodzenia", H_BIRTH},
			{"datum narozeni", H_BIRTH}, {"datum narodenia", H_BIRTH}, {"dob", H_BIRTH},
			{"dni", H_DNI}, {"documento nacional*", H_DNI}, {"dic", H_RODNE},
			{"dial", H_CALL}, {"dzwon*", H_PHONE}, {"direccion ip", H_IP},
			{"doi", H_ORDER}, {"driver", H_PRODUCT}),
	['e' - 'a'] =
		W({"enter code", H_OTP}, {"endereco ip", H_IP}, {"einmalcode", H_OTP},
		  {"ean", H_ORDER}, {"encomenda", H_ORDER}, {"edge", H_PRODUCT}, {"e g", H_SHAPE},
		  {"example", H_SHAPE}, {"exemple", H_SHAPE}, {"ejemplo", H_SHAPE}),
	['f' - 'a'] = W({"fecha de nacimiento", H_BIRTH}, {"f nac", H_BIRTH}, {"fax*", H_PHONE},
			{"faktur*", H_ORDER}, {"factuur*", H_ORDER}, {"factur*", H_ORDER},
			{"fattura", H_ORDER}, {"fatura", H_ORDER}, {"firmware", H_VERSION},
			{"firefox", H_PRODUCT}, {"format*", H_SHAPE}),
	['g' - 'a'] = W({"geburtsdatum", H_BIRTH}, {"geburtstag", H_BIRTH}, {"geboren", H_BIRTH},
			{"geboorte datum", H_BIRTH}, {"geb", H_BIRTH}, {"gsm", H_PHONE},
			{"gtin", H_ORDER}),
	['h' - 'a'] = W({"handy*", H_PHONE}, {"hotline", H_PHONE}, {"home phone*", H_PHONE}),
	['i' - 'a'] = W({"identifikacni cislo", H_ICO}, {"identifikacne cislo", H_ICO},
			{"ic dph", H_RODNE}, {"ico", H_ICO}, {"ic", H_ICO},
			{"identifikationsnummer", H_STEUER}, {"id nr", H_STEUER}, {"insee", H_NIR},
			{"infolin*", H_PHONE}, {"indirizzo ip", H_IP}, {"ip address*", H_IP},
			{"ip adres*", H_IP}, {"ip", H_IP}, {"ipv4", H_IP}, {"ipv6", H_IP},
			{"isbn", H_ORDER}, {"issn", H_ORDER}, {"invoice*", H_ORDER},
			{"item", H_ORDER}, {"imei", H_ORDER}, {"importe", H_ORDER},
			{"importo", H_ORDER}, {"id", H_ORDER}, {"ios", H_PRODUCT}),
	['j' - 'a'] = W({"jednorazov*", H_OTP}, {"jednorazow*", H_OTP}),
	['k' - 'a'] = W({"kontaktni cislo", H_PHONE}, {"kontaktne cislo", H_PHONE},
			{"kod pro prihlaseni", H_OTP}, {"kod logowania", H_OTP}, {"kod to", H_OTP},
			{"kod je", H_OTP}, {"komork*", H_PHONE}, {"kod weryfik*", H_OTP},
			{"kod sms", H_OTP}, {"kod potwierdz*", H_OTP}, {"kod jednoraz*", H_OTP},
			{"katalog*", H_ORDER}, {"kwota", H_ORDER}, {"kernel", H_PRODUCT},
			{"kapit*", H_PRODUCT}),
	['l' - 'a'] = W({"linka", H_CALL}, {"linia", H_CALL}, {"llam*", H_CALL}, {"ligue", H_CALL},
			{"login code", H_OTP}, {"lot", H_ORDER}),
	['m' - 'a'] = W({"mobile phone*", H_PHONE}, {"mobil*", H_PHONE}, {"mob", H_PHONE},
			{"movil", H_PHONE}, {"msisdn", H_PHONE}, {"mfa code", H_OTP},
			{"model*", H_ORDER}, {"montant", H_ORDER}, {"must", H_SHAPE},
			{"maximum", H_SHAPE}, {"minimum", H_SHAPE}),
	['n' - 'a'] =
		W({"ne le", H_BIRTH}, {"nee le", H_BIRTH}, {"ne e le", H_BIRTH},
		  {"naissance", H_BIRTH}, {"nacimiento", H_BIRTH}, {"nacido", H_BIRTH},
		  {"nacida", H_BIRTH}, {"nascita", H_BIRTH}, {"nato", H_BIRTH}, {"nata", H_BIRTH},
		  {"nascimento", H_BIRTH}, {"nascido", H_BIRTH}, {"nascida", H_BIRTH},
		  {"narozen*", H_BIRTH}, {"narodenia", H_BIRTH}, {"naroden*", H_BIRTH},
		  {"nar", H_BIRTH}, {"nip", H_NIP}, {"nhs*", H_NHS}, {"national insurance", H_NINO},
		  {"nino", H_NINO}, {"ni number", H_NINO}, {"ni no", H_NINO}, {"nir", H_NIR},
		  {"nif", H_DNI}, {"nie", H_DNI}, {"n ss", H_NIR}, {"npm", H_PRODUCT},
		  {"node", H_PRODUCT}, {"np", H_SHAPE}, {"napr", H_SHAPE}),
	['o' - 'a'] = W({"one time code", H_OTP}, {"one time pass*", H_OTP}, {"otp*", H_OTP},
			{"overovaci kod*", H_OTP}, {"order*", H_ORDER}, {"ordine", H_ORDER},
			{"objednav*", H_ORDER}),
	['p' - 'a'] =
		W({"pevna linka", H_PHONE}, {"phone*", H_PHONE}, {"portable", H_CALL},
		  {"pesel", H_PESEL}, {"pass code", H_OTP}, {"potvrzovaci kod", H_OTP},
		  {"potvrdzovaci kod", H_OTP}, {"p ej", H_SHAPE}, {"por ejemplo", H_SHAPE},
		  {"parcel", H_ORDER}, {"part", H_ORDER}, {"paczk*", H_ORDER}, {"pedido", H_ORDER},
		  {"product*", H_ORDER}, {"produkt*", H_ORDER}, {"prodotto", H_ORDER},
		  {"przesyl*", H_ORDER}, {"price", H_ORDER}, {"preis", H_ORDER}, {"prix", H_ORDER},
		  {"precio", H_ORDER}, {"prezzo", H_ORDER}, {"prijs", H_ORDER}, {"preco", H_ORDER},
		  {"population", H_ORDER}, {"patch", H_PRODUCT}, {"plugin", H_PRODUCT}),
	['q' - 'a'] = W({"quantity", H_ORDER}, {"qty", H_ORDER}),
	['r' - 'a'] = W({"rodne cislo", H_RODNE}, {"rodneho cisla", H_RODNE},
			{"rodnym cislem", H_RODNE}, {"rc", H_RODNE}, {"r c", H_RODNE},
			{"regon", H_REGON}, {"ring", H_CALL}, {"rufen", H_CALL},
			{"rufnummer", H_PHONE}, {"rechnung*", H_ORDER}, {"reference*", H_ORDER},
			{"referen*", H_ORDER}, {"ref", H_ORDER}, {"release", H_VERSION},
			{"revision", H_PRODUCT}, {"rev", H_PRODUCT}, {"rozdz*", H_PRODUCT}),
	['s' - 'a'] =
		W({"steuer id*", H_STEUER}, {"steuerliche identifikations*", H_STEUER},
		  {"steuer identifikations*", H_STEUER}, {"social security*", H_SSN},
		  {"soc sec*", H_SSN}, {"ssn", H_SSN}, {"securite sociale", H_NIR}, {"secu", H_NIR},
		  {"sofi nummer", H_BSN}, {"sms code", H_OTP}, {"sms kod", H_OTP}, {"sms", H_CALL},
		  {"sicherheitscode", H_OTP}, {"sku", H_ORDER}, {"serial*", H_ORDER},
		  {"shipment", H_ORDER}, {"sendung*", H_ORDER}, {"suma", H_ORDER}, {"sum", H_ORDER},
		  {"stock", H_ORDER}, {"section", H_PRODUCT}, {"safari", H_PRODUCT},
		  {"sdk", H_PRODUCT}, {"software", H_PRODUCT}, {"step", H_PRODUCT}),
	['t' - 'a'] =
		W({"tel", H_PHONE}, {"telno", H_PHONE}, {"telnr", H_PHONE}, {"telef*", H_PHONE},
		  {"telemovel*", H_PHONE}, {"teleph*", H_PHONE}, {"tax id*", H_STEUER},
		  {"tin", H_STEUER}, {"tan", H_OTP}, {"ticket*", H_ORDER}, {"tracking*", H_ORDER},
		  {"timestamp", H_ORDER}, {"total*", H_ORDER}),
	['u' - 'a'] = W({"use code", H_OTP}, {"urodzenia", H_BIRTH}, {"urodzon*", H_BIRTH},
			{"ur", H_BIRTH}, {"upc", H_ORDER}, {"uuid", H_ORDER}, {"update", H_PRODUCT},
			{"upgrade", H_PRODUCT}),
	['v' - 'a'] = W({"volejte*", H_PHONE}, {"volajte", H_PHONE}, {"viber", H_PHONE},
			{"verification code", H_OTP}, {"verify code", H_OTP},
			{"verifizierungscode", H_OTP}, {"verificatie code", H_OTP},
			{"version*", H_VERSION}, {"versao", H_VERSION}, {"versie", H_VERSION},
			{"verze", H_VERSION}, {"verzia", H_VERSION}, {"ver", H_VERSION},
			{"v", H_PRODUCT}, {"valor", H_ORDER}),
	['w' - 'a'] = W({"whatsapp", H_PHONE}, {"wa me", H_PHONE}, {"work phone*", H_PHONE},
			{"wersja", H_VERSION}, {"windows", H_PRODUCT}),
	['y' - 'a'] = W({"your code", H_OTP}),
	['z' - 'a'] = W({"zadzwon*", H_PHONE}, {"zavol*", H_PHONE}, {"zamowieni*", H_ORDER},
			{"zasilk*", H_ORDER}, {"zasielk*", H_ORDER}, {"z b", H_SHAPE}),
};
#undef W

/* Where the pattern ends in s when it starts at s[i], or 0. */
static size_t pattern_end(const char *s, size_t n, size_t i, const char *pat)
{
	for (; *pat && *pat != '*'; pat++) {
		if (*pat == ' ') {
			if (i < n && s[i] == ' ')
				i++;
			continue;
		}
		if (i >= n || s[i] != *pat)
			return 0;
		i++;
	}
	if (*pat == '*') {
		while (i < n && s[i] != ' ')
			i++;
	} else if (i < n && s[i] != ' ' && !is_digit(s[i])) {
		return 0;
	}
	return i;
}

static const struct word *word_at(const char *f, size_t len, size_t i, size_t *ret_end)
{
	const struct word *w = is_alpha(f[i]) ? words[f[i] - 'a'] : NULL;

	for (; w && w->pat; w++) {
		*ret_end = pattern_end(f, len, i, w->pat);
		if (*ret_end)
			return w;
	}
	return NULL;
}

/* A word about something else takes back what the words before it said, and the other way round. */
static void take(uint32_t *mask, enum hint h)
{
	static const uint32_t phone = 1u << H_PHONE | 1u << H_CALL;

	if (h == H_SHAPE)
		*mask = 0;
	else
		*mask &= ~(1u << H_SHAPE);
	if (h == H_ORDER)
		*mask &= ~phone;
	else if (h == H_PHONE || h == H_CALL)
		*mask &= ~(1u << H_ORDER);
	else if (h == H_IP)
		*mask &= ~(1u << H_VERSION | 1u << H_PRODUCT);
	*mask |= 1u << h;
}

void words_hints(const uint8_t *s, size_t n, struct hints *ret)
{
	char f[2 * LOOK_WORDS_BYTES];
	size_t len = words_fold(s, n, f, sizeof(f));
	uint8_t count = 0, at[H_COUNT] = {0}; /* words so far; where each hint's last one stands */
	bool brief[H_COUNT] = {false};

	ret->mask = 0;
	for (size_t i = 0; i < len; i++) {
		size_t end = i;
		const struct word *w = word_at(f, len, i, &end);
		bool number = true; /* "tel. 222 333 444, 602 123 456": no word between */

		for (; i < len && (i < end || f[i] != ' '); i++) {
			count += f[i] == ' ';
			number &= is_digit(f[i]);
		}
		if (w) {
			take(&ret->mask, w->hint);
			at[w->hint] = count;
			brief[w->hint] = strlen(w->pat) <= 3 && !strchr(w->pat, '*');
		}
		count += !number;
	}
	for (unsigned h = 0; h < H_COUNT; h++) {
		if (!(ret->mask >> h & 1))
			continue;
		ret->gap[h] = (uint8_t)(count - 1 - at[h]);
		/* Two or three letters are too little to mean it from afar. */
		if (brief[h] && ret->gap[h] > 2)
			ret->mask &= ~(1u << h);
	}
}

/* Characters that end what belongs together: the words before them speak of something else. */
static bool is_fence(int c)
{
	return c == '\n' || c == '\r' || c == '{' || c == '}' || c == '<' || c == '>' || c == '|' ||
	       c == ';' || c == '&' || c == '?';
}

/* A look that spares lists of numbers the search for words. */
static bool letter_near(const struct scan *sc, size_t i)
{
	size_t bit = i - sc->block_at;

	if (i > sc->block_at && sc->block & (bit < 64 ? ((uint64_t)1 << bit) - 1 : ~(uint64_t)0))
		return true;
	return sc->letter > 0 && (i < sc->letter || i - sc->letter < LOOK_WORDS_BYTES);
}

const struct hints *scan_hints(struct scan *sc, size_t i)
{
	size_t k = i, run = 0;
	bool letters = false;

	if (sc->hints_at == i)
		return &sc->hints;
	sc->hints_at = i;
	sc->hints.mask = 0;
	if (!letter_near(sc, i) && !(sc->label && i < LOOK_WORDS_BYTES))
		return &sc->hints;
	while (k > 0 && i - k < LOOK_WORDS_BYTES) {
		int c = sc->s[k - 1];

		/* A number of its own has its own words. */
		run = is_digit(c) ? run + 1 : 0;
		if (run == 5)
			break;
		if (letters && (is_fence(c) || (c == ',' && (byte_before(sc, k - 1) == '"' ||
							     byte_at(sc, k) == '"'))))
			break;
		letters |= is_alpha(c) || c >= 0x80;
		k--;
	}
	/* Not with half a word or half a character. */
	if (k > 0 && i - k == LOOK_WORDS_BYTES) {
		while (k < i && (is_alnum(sc->s[k]) || sc->s[k] >= 0x80))
			k++;
	}
	if (letters)
		words_hints(sc->s + k, i - k, &sc->hints);
	if (k == 0 && sc->label && !(sc->hints.mask)) {
		size_t n = sc->labellen < LOOK_WORDS_BYTES ? sc->labellen : LOOK_WORDS_BYTES;

		words_hints((const uint8_t *)sc->label, n, &sc->hints);
	}
	return &sc->hints;
}

bool scan_hinted(struct scan *sc, size_t i, enum hint h, unsigned most)
{
	const struct hints *x = scan_hints(sc, i);

	return (x->mask >> h & 1) && x->gap[h] <= most;
}

bool detect_is_label(const char *s, size_t n, bool number)
{
	static const uint32_t said = H_NATIONAL | 1u << H_BIRTH | 1u << H_OTP | 1u << H_PHONE;
	struct hints x;

	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == ':'))
		n--;
	if (n < 2 || n > LOOK_KEY_BYTES)
		return false;
	if (key_may_end(s[n - 2] & 0xff, s[n - 1] & 0xff)) {
		enum key_kind k = key_kind_of((const uint8_t *)s, n);

		if (k == KEY_PASSWORD || k == KEY_PIN || k == KEY_OTP || k == KEY_CVC ||
		    k == KEY_SECRET)
			return true;
	}
	if (!number)
		return false;
	words_hints((const uint8_t *)s, n, &x);
	return x.mask & said;
}
