/* test-field.c: what type, autocomplete and words say about a field. For each class the words that
 * must be understood, in every language, and ordinary text that holds the same letters and must say
 * nothing. */
#include "redactfs/field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NAME  WORDS_IN_NAME
#define LABEL WORDS_IN_LABEL

struct word_case {
	enum field_words_in where;
	const char *s;
};

static unsigned wrong;

static void report(const char *s, enum field_words_in where, enum redact_class got,
		   enum redact_class want)
{
	print_error("%s '%s': %s, not %s\n", where == NAME ? "name" : "label", s,
		    got ? class_name(got) : "nothing", want ? class_name(want) : "nothing");
	wrong++;
}

static void check(enum redact_class want, const struct word_case *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum redact_class got = field_by_words(c[i].s, strlen(c[i].s), c[i].where);

		if (got != want)
			report(c[i].s, c[i].where, got, want);
	}
	assert_true(n >= 20); /* both ways, for each class */
	assert_int_equal(wrong, 0);
}
#define CHECK(want, ...)                                                                           \
	do {                                                                                       \
		static const struct word_case cases_[] = {__VA_ARGS__};                            \
		wrong = 0;                                                                         \
		check(want, cases_, sizeof(cases_) / sizeof(cases_[0]));                           \
	} while (0)

static void test_password(void **state)
{
	(void)state;
	CHECK(CLASS_PASSWORD,
	      /* en */
	      {LABEL, "Password"}, {LABEL, "Current password"}, {LABEL, "Passphrase"},
	      {LABEL, "PIN for phone support"}, {LABEL, "4-digit PIN"}, {LABEL, "Enter your PIN:"},
	      {LABEL, "Security answer"}, {LABEL, "Wi\u2011Fi password"}, {LABEL, "Memorable word"},
	      {LABEL, "Telephone PIN"}, {LABEL, "ＰＡＳＳＷＯＲＤ"}, {LABEL, "Card PIN"},
	      {LABEL, "Password Show password"}, {NAME, "password"}, {NAME, "new_password"},
	      {NAME, "userPassword"}, {NAME, "userpassword"}, {NAME, "txtPassword2"},
	      {NAME, "user[password_confirmation]"}, {NAME, "passwd"}, {NAME, "login-pwd"},
	      {NAME, "user_pass"}, {NAME, "pass"}, {NAME, "support_pin"}, {NAME, "pinCode"},
	      {NAME, "PINCode"}, {NAME, "passcode"}, {NAME, "ctl00$Main$txtPwd"},
	      {NAME, "j_password"}, {NAME, "form-control password"}, {NAME, "data-user-passphrase"},
	      /* pl */
	      {LABEL, "Hasło"}, {LABEL, "Powtórz hasło"}, {LABEL, "Kod PIN"}, {NAME, "haslo"},
	      {NAME, "nowe_haslo"}, {LABEL, "HASŁO *"}, {LABEL, "Potwierdzenie hasła"},
	      {LABEL, "Baza haseł"},
	      /* cs, sk */
	      {LABEL, "Heslo"}, {LABEL, "Zopakujte heslo"}, {LABEL, "PIN kód"}, {NAME, "noveHeslo"},
	      {LABEL, "Potvrdenie hesla"}, {LABEL, "Prístupový kód"},
	      /* de */
	      {LABEL, "Passwort"}, {LABEL, "Benutzerkennwort"}, {LABEL, "WLAN-Passwort"},
	      {LABEL, "Ihre Geheimzahl"}, {NAME, "neuesPasswort"},
	      /* fr */
	      {LABEL, "Mot de passe"}, {LABEL, "Confirmez votre mot de passe"}, {NAME, "mdp"},
	      {NAME, "mot_de_passe"}, {NAME, "motDePasse"}, {LABEL, "Code confidentiel"},
	      {LABEL, "Phrase secrète"}, {LABEL, "Nouveau code personnel"},
	      /* es */
	      {LABEL, "Contraseña"}, {LABEL, "CONTRASEÑA"}, {LABEL, "Clave"},
	      {LABEL, "Clave de acceso"}, {NAME, "contrasena"}, {NAME, "nuevaContrasenia"},
	      /* it */
	      {LABEL, "La tua password"}, {LABEL, "Codice PIN"}, {NAME, "conferma_password"},
	      /* nl */
	      {LABEL, "Wachtwoord"}, {LABEL, "Nieuw wachtwoord"}, {LABEL, "Pincode"},
	      {NAME, "herhaalWachtwoord"},
	      /* pt */
	      {LABEL, "Senha"}, {LABEL, "Palavra-passe"}, {NAME, "senha_atual"},
	      {LABEL, "Código PIN"}, {LABEL, "As palavras-passe"}, {LABEL, "Zadejte hodnotu PINu"});
	CHECK(CLASS_NONE, {LABEL, "Passengers"}, {NAME, "passenger_name"}, {LABEL, "Pinned notes"},
	      {LABEL, "Shipping"}, {NAME, "shippingMethod"}, {LABEL, "Security question"},
	      {NAME, "compass"}, {NAME, "bypass_cache"}, {LABEL, "Boarding pass number"},
	      {NAME, "ski_pass"}, {NAME, "passType"}, {NAME, "pinterest_url"},
	      {NAME, "data-pin-it"}, {LABEL, "Pin this message"}, {LABEL, "Pin to top"},
	      {LABEL, "Show password"}, {LABEL, "Forgot your password?"},
	      {LABEL, "Remember my password"}, {NAME, "password-strength"}, {NAME, "showPassword"},
	      {LABEL, "Opinion"}, {NAME, "spinner"}, {LABEL, "Zobrazit heslo"},
	      {LABEL, "Nie pamiętasz hasła?"}, {LABEL, "Passwort anzeigen"},
	      {LABEL, "Mot de passe oublié ?"}, {LABEL, "¿Has olvidado tu contraseña?"},
	      {LABEL, "Wachtwoord vergeten"}, {LABEL, "Esqueci minha senha"},
	      {LABEL, "Palabra clave"}, {LABEL, "Keyword"}, {LABEL, "Passion"}, {NAME, "mapPin"},
	      {LABEL, "Enamel pin colour"});
}

static void test_cvc(void **state)
{
	(void)state;
	CHECK(CLASS_CVC,
	      /* en */
	      {LABEL, "CVC"}, {LABEL, "CVV2"}, {LABEL, "CVC / CVV"}, {LABEL, "C.V.V."},
	      {LABEL, "Code on the back"}, {LABEL, "Security code"},
	      {LABEL, "3-digit code on the back of your card"}, {LABEL, "Card verification value"},
	      {LABEL, "Last three digits on the back of the card"}, {NAME, "cvv"}, {NAME, "cvv2"},
	      {NAME, "cardCvc"}, {NAME, "cc-csc"}, {NAME, "txtCVV"}, {NAME, "securityCode"},
	      {NAME, "card_security_code"}, {NAME, "card[cvc]"}, {NAME, "seccode"},
	      {NAME, "cvcnumber"}, {NAME, "card_code"},
	      /* pl */
	      {LABEL, "Kod CVV"}, {LABEL, "Kod bezpieczeństwa"}, {LABEL, "Kod na odwrocie karty"},
	      /* cs, sk */
	      {LABEL, "Bezpečnostní kód"}, {LABEL, "Kontrolní kód karty"},
	      {LABEL, "Bezpečnostný kód"}, {LABEL, "Kód na zadnej strane karty"},
	      /* de */
	      {LABEL, "Prüfnummer"}, {LABEL, "Kartenprüfnummer"}, {NAME, "pruefziffer"},
	      {LABEL, "Sicherheitscode"}, {LABEL, "Code auf der Rückseite"},
	      /* fr */
	      {LABEL, "Cryptogramme visuel"}, {LABEL, "Code de sécurité"},
	      {LABEL, "3 chiffres au dos de la carte"},
	      /* es */
	      {LABEL, "Código de seguridad"}, {NAME, "codigo_seguridad"},
	      {LABEL, "Código de la tarjeta"},
	      /* it */
	      {LABEL, "Codice di sicurezza"}, {LABEL, "Codice sul retro della carta"},
	      /* nl */
	      {LABEL, "Beveiligingscode"}, {LABEL, "Code op de achterkant"},
	      /* pt */
	      {LABEL, "Código de segurança"}, {LABEL, "Dígitos no verso"});
	CHECK(CLASS_NONE, {LABEL, "Promo code"}, {LABEL, "Zip code"}, {NAME, "zipcode"},
	      {LABEL, "Country code"}, {LABEL, "Voucher code"}, {LABEL, "Area code"},
	      {NAME, "promocode"}, {NAME, "productCode"}, {LABEL, "Discount code"}, {LABEL, "Code"},
	      {LABEL, "QR code"}, {LABEL, "Dress code"}, {LABEL, "Postal code"},
	      {NAME, "source_code"}, {LABEL, "Código postal"}, {LABEL, "Code postal"},
	      {LABEL, "Kod pocztowy"}, {LABEL, "Kod rabatowy"}, {LABEL, "Slevový kód"},
	      {LABEL, "Gutscheincode"}, {LABEL, "Codice sconto"}, {LABEL, "Kortingscode"},
	      {LABEL, "Security settings"}, {LABEL, "Back of the house"}, {NAME, "cvs_export"},
	      {LABEL, "Cover letter"}, {LABEL, "CV"}, {LABEL, "Gift card code"},
	      {LABEL, "Código promocional"}, {LABEL, "Kod kraju"});
}

static void test_card(void **state)
{
	(void)state;
	CHECK(CLASS_CARD,
	      /* en */
	      {LABEL, "Card number"}, {LABEL, "Credit card number"}, {LABEL, "Card no."},
	      {LABEL, "Card #"}, {LABEL, "Card digits 1 to 4"}, {LABEL, "Name on card"},
	      {LABEL, "Name on the card"}, {LABEL, "Cardholder name"}, {LABEL, "Expiry date"},
	      {LABEL, "MM/YY"}, {LABEL, "MM / YY"}, {LABEL, "Valid thru"},
	      {LABEL, "Credit or debit card"}, {LABEL, "Number on card"}, {NAME, "cardno"},
	      {NAME, "ccnum"}, {NAME, "cardnumber"}, {NAME, "cardNumber"}, {NAME, "card_number_1"},
	      {NAME, "card[number]"}, {NAME, "cc-number"}, {NAME, "ccexp"}, {NAME, "ccname"},
	      {NAME, "cc_exp_month"}, {NAME, "card-expiry"}, {NAME, "cardHolderName"},
	      {NAME, "x_card_num"}, {NAME, "billingCreditCardNumber"}, {NAME, "expDate"},
	      {NAME, "CCNUMBER"}, {NAME, "creditcard"},
	      /* pl */
	      {LABEL, "Numer karty"}, {LABEL, "Nr karty"}, {NAME, "numerkarty"},
	      {NAME, "numer_karty"}, {LABEL, "Posiadacz karty"}, {LABEL, "Data ważności"},
	      {LABEL, "Imię i nazwisko na karcie"}, {LABEL, "MM/RR"},
	      {LABEL, "Numer karty podarunkowej"},
	      /* cs, sk */
	      {LABEL, "Číslo karty"}, {LABEL, "Číslo platební karty"}, {NAME, "cislo_karty"},
	      {NAME, "cisloKarty"}, {LABEL, "Držitel karty"}, {LABEL, "Platnost karty do"},
	      {LABEL, "Držiteľ karty"}, {LABEL, "Číslo platobnej karty"}, {LABEL, "Platnosť do"},
	      {LABEL, "Číslo vaší karty"},
	      /* de */
	      {LABEL, "Kartennummer"}, {LABEL, "Kreditkartennummer"}, {LABEL, "Karteninhaber"},
	      {LABEL, "Gültig bis"}, {NAME, "kreditkarte_nr"}, {LABEL, "MM/JJ"},
	      {LABEL, "Name auf der Karte"}, {NAME, "kknr"},
	      /* fr */
	      {LABEL, "Numéro de carte"}, {LABEL, "N° de carte"}, {LABEL, "Numéro de votre carte"},
	      {LABEL, "Titulaire de la carte"}, {LABEL, "Date d’expiration"}, {NAME, "numcarte"},
	      {NAME, "numeroDeCarte"}, {LABEL, "Carte bancaire"},
	      /* es */
	      {LABEL, "Número de tarjeta"}, {LABEL, "Número de la tarjeta"},
	      {LABEL, "Titular de la tarjeta"}, {LABEL, "Fecha de caducidad"},
	      {NAME, "numero_tarjeta"}, {LABEL, "MM/AA"},
	      /* it */
	      {LABEL, "Numero della carta"}, {LABEL, "Numero carta di credito"},
	      {LABEL, "Titolare della carta"}, {LABEL, "Scadenza"}, {NAME, "numeroCarta"},
	      /* nl */
	      {LABEL, "Kaartnummer"}, {LABEL, "Naam op de kaart"}, {LABEL, "Vervaldatum"},
	      {LABEL, "Kaarthouder"},
	      /* pt */
	      {LABEL, "Número do cartão"}, {LABEL, "Nome impresso no cartão"}, {LABEL, "Validade"},
	      {LABEL, "Cartão de crédito"}, {NAME, "numero_do_cartao"});
	CHECK(CLASS_NONE, {LABEL, "Card ending in 4242"}, {LABEL, "Gift card balance"},
	      {LABEL, "Business card title"}, {LABEL, "Card title"}, {LABEL, "Discard changes"},
	      {LABEL, "Postcard"}, {LABEL, "Cardigan size"}, {NAME, "card"}, {NAME, "card-body"},
	      {NAME, "card no-margin"}, {NAME, "card-no-padding"}, {NAME, "dashboard_card"},
	      {LABEL, "Loyalty card number"}, {LABEL, "Library card number"},
	      {LABEL, "SIM card number"}, {LABEL, "Business card, number of copies"},
	      {LABEL, "DD/MM/YYYY"}, {LABEL, "DD.MM.YY"}, {LABEL, "TT.MM.JJ"},
	      {LABEL, "JJ/MM/AAAA"}, {LABEL, "HH:MM"}, {LABEL, "Numer karty lojalnościowej"},
	      {LABEL, "Karta produktu"}, {LABEL, "Kundenkartennummer"}, {LABEL, "Visitenkarte"},
	      {LABEL, "Numéro de carte de fidélité"}, {LABEL, "À la carte"},
	      {LABEL, "Carta dei vini"}, {LABEL, "Tarjeta de visita"}, {LABEL, "Bonuskaartnummer"},
	      {LABEL, "Número do cartão de fidelidade"}, {LABEL, "Discard number"},
	      {NAME, "postcardnotes"}, {NAME, "experience"}, {LABEL, "Expected delivery"},
	      {LABEL, "Kartoffel"}, {LABEL, "Name on badge"});
}

static void test_otp(void **state)
{
	(void)state;
	CHECK(CLASS_OTP,
	      /* en */
	      {LABEL, "One-time code"}, {LABEL, "Verification code"}, {LABEL, "Recovery code"},
	      {LABEL, "Enter the code we sent to your phone"}, {LABEL, "SMS code"},
	      {LABEL, "2FA code"}, {LABEL, "Authenticator code"}, {LABEL, "Digit 1"},
	      {LABEL, "Digit 6"}, {LABEL, "One time password"}, {LABEL, "6-digit code"},
	      {LABEL, "Two-factor code"}, {LABEL, "E-mail code"}, {NAME, "otp"}, {NAME, "otp_3"},
	      {NAME, "otpCode"}, {NAME, "recovery_code"}, {NAME, "verificationCode"},
	      {NAME, "totp"}, {NAME, "sms_code"}, {NAME, "mfa-token"}, {NAME, "vcode"},
	      {NAME, "user[otp_attempt]"}, {NAME, "oneTimeCode"}, {NAME, "two_factor"},
	      {NAME, "authcode"},
	      /* pl */
	      {LABEL, "Kod SMS"}, {LABEL, "Kod z SMS"}, {LABEL, "Kod weryfikacyjny"},
	      {LABEL, "Hasło jednorazowe"}, {NAME, "kodSms"},
	      /* cs, sk */
	      {LABEL, "Ověřovací kód"}, {LABEL, "Kód z SMS"}, {LABEL, "Jednorázové heslo"},
	      {LABEL, "Overovací kód"}, {LABEL, "Jednorazový kód"},
	      /* de */
	      {LABEL, "Bestätigungscode"}, {NAME, "bestaetigungscode"}, {LABEL, "TAN"},
	      {LABEL, "Einmalpasswort"}, {LABEL, "SMS-Code"}, {LABEL, "Ihre TAN eingeben"},
	      {LABEL, "Einwegpasswort"},
	      /* fr */
	      {LABEL, "Code de vérification"}, {LABEL, "Code reçu par SMS"},
	      {LABEL, "Code à usage unique"},
	      /* es */
	      {LABEL, "Código de verificación"}, {LABEL, "Código de un solo uso"},
	      {NAME, "codigo_verificacion"},
	      /* it */
	      {LABEL, "Codice di verifica"}, {LABEL, "Codice OTP"},
	      /* nl */
	      {LABEL, "Verificatiecode"}, {LABEL, "Eenmalige code"},
	      /* pt */
	      {LABEL, "Código de confirmação"}, {LABEL, "Código de verificação"});
	CHECK(CLASS_NONE, {LABEL, "Time of day"}, {LABEL, "One-time payment"},
	      {LABEL, "Verification status"}, {LABEL, "Code"}, {LABEL, "Referral code"},
	      {LABEL, "Invitation code"}, {LABEL, "Booking confirmation code"}, {NAME, "option"},
	      {NAME, "optout"}, {NAME, "hotpants"}, {NAME, "photo_path"}, {LABEL, "Tan sofa"},
	      {LABEL, "tan"}, {NAME, "tangent"}, {LABEL, "Recovery time"},
	      {LABEL, "Backup schedule"}, {LABEL, "Error code"}, {LABEL, "Two tickets"},
	      {LABEL, "Digital camera"}, {NAME, "factor"}, {LABEL, "Kod produktu"},
	      {LABEL, "Kód zboží"}, {LABEL, "Bestätigung"}, {LABEL, "Vérification"},
	      {LABEL, "Codice articolo"}, {LABEL, "Código de barras"}, {LABEL, "Bevestiging"},
	      {NAME, "country_code"}, {LABEL, "SMS reminders"});
}

static void test_iban(void **state)
{
	(void)state;
	CHECK(CLASS_IBAN,
	      /* en */
	      {LABEL, "IBAN"}, {LABEL, "New IBAN"}, {LABEL, "Bank account number"},
	      {LABEL, "Account number"}, {LABEL, "Sort code"}, {LABEL, "Routing number"},
	      {LABEL, "BIC / SWIFT"}, {NAME, "iban"}, {NAME, "bankAccount"}, {NAME, "bank_account"},
	      {NAME, "account_number"}, {NAME, "accountNo"}, {NAME, "userIBAN"},
	      {NAME, "IBANnumber"}, {NAME, "sortcode"}, {NAME, "swift_code"},
	      /* pl */
	      {LABEL, "Numer rachunku bankowego"}, {LABEL, "Numer konta"}, {NAME, "nrRachunku"},
	      /* cs, sk */
	      {LABEL, "Číslo účtu"}, {LABEL, "Číslo vašeho účtu"}, {NAME, "cislo_uctu"},
	      {LABEL, "Číslo bankového účtu"},
	      /* de */
	      {LABEL, "Kontonummer"}, {LABEL, "Bankverbindung"}, {LABEL, "BLZ"},
	      /* fr */
	      {LABEL, "Numéro de compte"}, {LABEL, "RIB"}, {LABEL, "Coordonnées bancaires"},
	      /* es */
	      {LABEL, "Número de cuenta"}, {LABEL, "Cuenta bancaria"},
	      /* it */
	      {LABEL, "Conto corrente"}, {LABEL, "Numero di conto"},
	      /* nl */
	      {LABEL, "Rekeningnummer"}, {LABEL, "Bankrekening"},
	      /* pt */
	      {LABEL, "Número da conta"}, {LABEL, "Conta bancária"}, {LABEL, "NIB"});
	CHECK(CLASS_NONE, {LABEL, "Account"}, {LABEL, "Account name"}, {NAME, "account_type"},
	      {LABEL, "Create an account"}, {LABEL, "Customer account number"}, {NAME, "caliban"},
	      {LABEL, "Sort by"}, {LABEL, "Swiftly delivered"}, {LABEL, "Bank holiday"},
	      {LABEL, "Bic pens"}, {NAME, "aerobic"}, {LABEL, "Konto erstellen"},
	      {LABEL, "Moje konto"}, {LABEL, "Můj účet"}, {LABEL, "Mon compte"},
	      {LABEL, "Mi cuenta"}, {LABEL, "Il mio conto"}, {LABEL, "Mijn rekening"},
	      {LABEL, "A minha conta"}, {LABEL, "rib eye steak"}, {LABEL, "Cena urbana"},
	      {NAME, "sort_order"}, {LABEL, "Routing protocol"}, {LABEL, "Discount"},
	      {LABEL, "Accounting software"});
}

static void test_national_id(void **state)
{
	(void)state;
	CHECK(CLASS_NATIONAL_ID,
	      /* en */
	      {LABEL, "NHS number"}, {LABEL, "Social Security Number"}, {LABEL, "SSN"},
	      {LABEL, "SSN#"}, {LABEL, "National Insurance number"}, {LABEL, "NI number"},
	      {LABEL, "Passport number"}, {LABEL, "Tax ID"}, {LABEL, "Driver's license number"},
	      {LABEL, "ID card number"}, {NAME, "nhs_number"}, {NAME, "NHSNumber"}, {NAME, "ssn"},
	      {NAME, "socialSecurityNumber"}, {NAME, "passportNo"}, {NAME, "national_id"},
	      {NAME, "taxId"}, {NAME, "nino"},
	      /* pl */
	      {LABEL, "PESEL"}, {LABEL, "NIP"}, {LABEL, "Numer dowodu osobistego"},
	      {LABEL, "Seria i numer dowodu"}, {NAME, "pesel"}, {NAME, "nrDowodu"},
	      /* cs, sk */
	      {LABEL, "Rodné číslo"}, {NAME, "rodnecislo"}, {NAME, "rodne_cislo"}, {LABEL, "RČ"},
	      {LABEL, "R. č."}, {LABEL, "Číslo občanského průkazu"}, {LABEL, "IČO"},
	      {LABEL, "Číslo občianskeho preukazu"}, {LABEL, "Rodné číslo poistenca"},
	      /* de */
	      {LABEL, "Steuer-ID"}, {LABEL, "Steueridentifikationsnummer"},
	      {LABEL, "Sozialversicherungsnummer"}, {LABEL, "Personalausweisnummer"},
	      {LABEL, "Reisepassnummer"}, {NAME, "steuerId"},
	      /* fr */
	      {LABEL, "Numéro de sécurité sociale"}, {LABEL, "N° de Sécurité sociale"},
	      {LABEL, "NIR"}, {LABEL, "Numéro de carte d’identité"}, {LABEL, "Numéro fiscal"},
	      /* es */
	      {LABEL, "DNI"}, {LABEL, "DNI / NIE"}, {LABEL, "Número de DNI"}, {NAME, "dni"},
	      {LABEL, "NIF"}, {LABEL, "Su DNI *"},
	      /* it */
	      {LABEL, "Codice fiscale"}, {NAME, "codiceFiscale"}, {NAME, "cod_fisc"},
	      {LABEL, "Carta d'identità"},
	      /* nl */
	      {LABEL, "BSN"}, {LABEL, "Burgerservicenummer"}, {LABEL, "Paspoortnummer"},
	      /* pt */
	      {LABEL, "Número de contribuinte"}, {LABEL, "Cartão de cidadão"}, {LABEL, "CPF"},
	      {NAME, "niss"});
	CHECK(CLASS_NONE, {LABEL, "Order number"}, {LABEL, "Invoice number"}, {NAME, "session_id"},
	      {NAME, "product_id"}, {LABEL, "Social media"}, {LABEL, "National park"},
	      {LABEL, "Tax rate"}, {LABEL, "Insurance type"}, {LABEL, "Liczba dni"},
	      {LABEL, "LICZBA DNI"}, {LABEL, "Nie"}, {LABEL, "nie wieder"}, {NAME, "liczba_dni"},
	      {NAME, "ico-close"}, {LABEL, "ico"}, {LABEL, "Passage"}, {LABEL, "Personal message"},
	      {LABEL, "Envío SIN coste"}, {LABEL, "ENVÍO SIN COSTE"}, {NAME, "business"},
	      {LABEL, "Číslo objednávky"}, {LABEL, "Číslo domu"}, {LABEL, "Hausnummer"},
	      {LABEL, "Bestellnummer"}, {LABEL, "Numéro de commande"}, {LABEL, "Número de pedido"},
	      {LABEL, "Numero ordine"}, {LABEL, "Bestelnummer"}, {LABEL, "Número do pedido"},
	      {NAME, "snippet"}, {LABEL, "Obrázek ICO je příliš velký"}, {LABEL, "RC model cars"},
	      {LABEL, "COP is off"}, {LABEL, "n'existe pas (s/n)"}, {LABEL, "Order ID number"},
	      {LABEL, "Identity theft advice"});
}

static void test_birthdate(void **state)
{
	(void)state;
	CHECK(CLASS_BIRTHDATE, {LABEL, "Date of birth"}, {LABEL, "Birthday (DD.MM.)"},
	      {LABEL, "DOB"}, {LABEL, "D.O.B."}, {LABEL, "Year of birth"}, {NAME, "dob"},
	      {NAME, "birthDate"}, {NAME, "dateofbirth"}, {NAME, "date_of_birth"},
	      {NAME, "user[birthday]"}, {NAME, "birth-year"}, {NAME, "dobDay"},
	      {LABEL, "Data urodzenia"}, {NAME, "data_urodzenia"}, {LABEL, "Datum narození"},
	      {LABEL, "Dátum narodenia"}, {NAME, "datumNarozeni"}, {LABEL, "Geburtsdatum"},
	      {LABEL, "Ihr Geburtsdatum (TT.MM.JJJJ)"}, {LABEL, "Date de naissance"},
	      {NAME, "dateNaissance"}, {LABEL, "Fecha de nacimiento"}, {NAME, "fecha_nacimiento"},
	      {LABEL, "Data di nascita"}, {LABEL, "Geboortedatum"}, {LABEL, "Data de nascimento"});
	CHECK(CLASS_NONE, {LABEL, "Date"}, {LABEL, "Delivery date"}, {LABEL, "Birthday cake"},
	      {LABEL, "Birthday card message"}, {LABEL, "Place of birth"}, {LABEL, "Check-in date"},
	      {NAME, "start_date"}, {NAME, "dobrowolny"}, {NAME, "birthplace"},
	      {LABEL, "Data zamówienia"}, {LABEL, "Miejsce urodzenia"}, {LABEL, "Místo narození"},
	      {LABEL, "Datum doručení"}, {LABEL, "Geburtsort"}, {LABEL, "Lieu de naissance"},
	      {LABEL, "Lugar de nacimiento"}, {LABEL, "Luogo di nascita"},
	      {LABEL, "Geboorteplaats"}, {LABEL, "Local de nascimento"},
	      {LABEL, "Data di consegna"}, {LABEL, "Born free"}, {LABEL, "Nee"},
	      {LABEL, "Ne è richiesto uno nuovo"}, {LABEL, "Non-née"});
}

static void test_email(void **state)
{
	(void)state;
	CHECK(CLASS_EMAIL, {LABEL, "E-mail"}, {LABEL, "Email address"},
	      {LABEL, "Your name or e-mail"}, {LABEL, "Username or e-mail"},
	      {LABEL, "Your e-mail address"}, {LABEL, "E\u2011Mail-Adresse"}, {NAME, "email"},
	      {NAME, "userEmail"}, {NAME, "useremail"}, {NAME, "e-mail"}, {NAME, "eMail"},
	      {NAME, "emailAddress"}, {NAME, "contact[email]"}, {NAME, "mail"},
	      {LABEL, "Adres e-mail"}, {LABEL, "E-mailová adresa"}, {LABEL, "Emailová adresa"},
	      {LABEL, "Adresse mail"}, {LABEL, "Adresse électronique"}, {LABEL, "Courriel"},
	      {LABEL, "Correo electrónico"}, {LABEL, "Indirizzo e-mail"},
	      {LABEL, "Posta elettronica"}, {LABEL, "E-mailadres"},
	      {LABEL, "Zadejte e-mailovou adresu"}, {LABEL, "Dirección de correo"},
	      {LABEL, "Adresy poczty elektronicznej"}, {LABEL, "Correio eletrónico"});
	CHECK(CLASS_NONE, {LABEL, "Mailing address"}, {LABEL, "By mail"}, {LABEL, "Mail order"},
	      {NAME, "mailing_list"}, {NAME, "mailchimp"}, {NAME, "thumbnail"}, {NAME, "trailmap"},
	      {LABEL, "Email me about offers"}, {LABEL, "Email notifications"},
	      {NAME, "email_verified"}, {LABEL, "Address"}, {LABEL, "Adres"}, {LABEL, "Adresse"},
	      {LABEL, "Dirección"}, {LABEL, "Indirizzo"}, {LABEL, "Enamel"}, {LABEL, "Female"},
	      {LABEL, "E-book"}, {LABEL, "Posta in arrivo"}, {LABEL, "Kurzor by měl blikat"},
	      {LABEL, "Correos"});
}

static void test_phone(void **state)
{
	(void)state;
	CHECK(CLASS_PHONE, {LABEL, "Phone"}, {LABEL, "Mobile phone"}, {LABEL, "Telephone"},
	      {LABEL, "Mobile"}, {LABEL, "Mobile number"}, {LABEL, "Your mobile number"},
	      {LABEL, "Cell"}, {LABEL, "Tel."}, {LABEL, "Contact number"}, {NAME, "phone"},
	      {NAME, "phoneNumber"}, {NAME, "phonenumber"}, {NAME, "home_phone"}, {NAME, "tel"},
	      {NAME, "user_tel"}, {NAME, "mobile"}, {LABEL, "Telefon"}, {LABEL, "Numer telefonu"},
	      {LABEL, "Nr tel."}, {LABEL, "Telefonní číslo"}, {LABEL, "Telefónne číslo"},
	      {LABEL, "Mobil"}, {LABEL, "Telefonnummer"}, {LABEL, "Handynummer"},
	      {LABEL, "Rufnummer"}, {LABEL, "Téléphone"}, {LABEL, "Tél. portable"},
	      {LABEL, "Teléfono móvil"}, {LABEL, "Móvil"}, {LABEL, "Telefono"},
	      {LABEL, "Cellulare"}, {LABEL, "Telefoonnummer"}, {LABEL, "Mobiel nummer"},
	      {LABEL, "Telemóvel"}, {LABEL, "Telefone"}, {LABEL, "Fone residencial"},
	      {LABEL, "Numero telefonico di casa"});
	CHECK(CLASS_NONE, {LABEL, "Phone case"}, {LABEL, "iPhone model"}, {NAME, "iPhone"},
	      {NAME, "iphone_model"}, {LABEL, "Headphones"}, {NAME, "microphone"},
	      {LABEL, "Mobile friendly"}, {NAME, "mobile-menu"}, {NAME, "is-mobile"},
	      {NAME, "mobile touch large"}, {LABEL, "Phone type"}, {NAME, "phone_country"},
	      {NAME, "phone_code"}, {LABEL, "Telephone support"}, {LABEL, "Mobile phone plan"},
	      {LABEL, "Saxophone"}, {NAME, "hotel"}, {NAME, "motel_id"}, {LABEL, "Cellar"},
	      {LABEL, "Ordinateur portable"}, {LABEL, "Handy tools"}, {LABEL, "Automobile"},
	      {LABEL, "Television"}, {LABEL, "Teleskop"}, {LABEL, "Mobilní aplikace"},
	      {LABEL, "Excel"}, {LABEL, "Fax machine paper"});
}

static void test_what_says_more(void **state)
{
	(void)state;
	static const struct {
		const char *s;
		enum redact_class want;
	} cases[] = {
		{"PIN for phone support", CLASS_PASSWORD},
		{"Card security code", CLASS_CVC},
		{"Card number and security code", CLASS_CVC},
		{"Code sent to your e-mail", CLASS_OTP},
		{"E-mail or phone", CLASS_EMAIL},
		{"Password or one-time code", CLASS_OTP},
		{"Phone, e-mail, IBAN", CLASS_IBAN},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(field_by_words(cases[i].s, strlen(cases[i].s), LABEL),
				 cases[i].want);
}

/* Scripts that aren't Latin, and further languages of Europe. */
static void test_other_scripts(void **state)
{
	static const struct {
		enum redact_class cls;
		const char *s;
	} cases[] = {
		{CLASS_PASSWORD, "パスワード（確認）"},
		{CLASS_PASSWORD, "暗証番号(4桁)"},
		{CLASS_CVC, "セキュリティコード"},
		{CLASS_CARD, "クレジットカード番号"},
		{CLASS_CARD, "有効期限"},
		{CLASS_OTP, "SMSで届いた認証番号"},
		{CLASS_OTP, "ワンタイムパスワード"},
		{CLASS_NATIONAL_ID, "マイナンバー"},
		{CLASS_BIRTHDATE, "生年月日"},
		{CLASS_PHONE, "電話番号（携帯）"},
		{CLASS_EMAIL, "Ｅメール"},
		{CLASS_NONE, "パスワードをお忘れの方"},
		{CLASS_NONE, "ポイントカード番号"},
		{CLASS_NONE, "郵便番号"},
		{CLASS_NONE, "お名前"},
		{CLASS_PASSWORD, "登录密码"},
		{CLASS_OTP, "短信验证码"},
		{CLASS_NONE, "邮政编码"},
		{CLASS_PASSWORD, "비밀번호 확인"},
		{CLASS_OTP, "인증번호 6자리"},
		{CLASS_NONE, "우편번호"},
		{CLASS_PASSWORD, "Введите пароль"},
		{CLASS_NATIONAL_ID, "ИНН организации"},
		{CLASS_CARD, "Номер карты"},
		{CLASS_NONE, "Забыли пароль?"},
		{CLASS_NONE, "Длинный заголовок"},
		{CLASS_NONE, "Номер заказа"},
		{CLASS_NATIONAL_ID, "ΑΦΜ"},
		{CLASS_PASSWORD, "Lösenord"},
		{CLASS_CVC, "Sikkerhedskode"},
		{CLASS_NATIONAL_ID, "Fødselsnummer"},
		{CLASS_OTP, "Doğrulama kodu"},
		{CLASS_PASSWORD, "Jelszó"},
		{CLASS_NONE, "Glömt lösenord?"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum redact_class got =
			field_by_words(cases[i].s, strlen(cases[i].s), WORDS_IN_LABEL);

		if (got != cases[i].cls)
			report(cases[i].s, LABEL, got, cases[i].cls);
	}
	assert_int_equal(wrong, 0);
}

static void test_asks_for_a_code(void **state)
{
	static const char *const yes[] = {"Code",
					  "Enter your code *",
					  "Wpisz kod",
					  "Code:",
					  "Código",
					  "Saisissez le code reçu",
					  "Inserisci il codice ricevuto",
					  "Token enviado por SMS"};
	static const char *const no[] = {"Promo code",     "Postcode",        "Code postal",
					 "Codice fiscale", "Kod pocztowy",    "Country code",
					 "Voucher code",   "Code of conduct", "Kod rabatowy"};

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (!field_asks_code(yes[i], strlen(yes[i]), LABEL))
			fail_msg("'%s' asks for a code", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (field_asks_code(no[i], strlen(no[i]), LABEL))
			fail_msg("'%s' asks for no code", no[i]);
	assert_true(field_asks_code("code", 4, NAME));
	assert_false(field_asks_code("zip_code", 8, NAME));
}

static void test_hostile_text(void **state)
{
	static char big[1 << 20];
	static const char *const bytes[] = {
		"\xff\xfe",     "\xc3",     "\xe2\x82",         "\xf0\x9f\x92",
		"\xed\xa0\x80", "\x80\x80", "\0password",       "*",
		"^$",           " ",        "\xcc\x81",         "p",
		"##",           "1",        "\xf4\x90\x80\x80", "\xc0\xaf\t"};

	(void)state;
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		assert_int_equal(field_by_words(bytes[i], strlen(bytes[i]), NAME), CLASS_NONE);
		assert_int_equal(field_by_words(bytes[i], strlen(bytes[i]), LABEL), CLASS_NONE);
	}
	assert_int_equal(field_by_words(NULL, 0, LABEL), CLASS_NONE);
	/* broken bytes and NULs only separate */
	assert_int_equal(field_by_words("\xffpassword\xff", 10, NAME), CLASS_PASSWORD);
	assert_int_equal(field_by_words("x\0password\0", 11, LABEL), CLASS_PASSWORD);
	/* decomposed letters, a soft hyphen */
	assert_int_equal(field_by_words("Has\xc5\x82o", 6, LABEL), CLASS_PASSWORD);
	assert_int_equal(field_by_words("C\xcc\x8ci\xcc\x81slo karty", 15, LABEL), CLASS_CARD);
	assert_int_equal(field_by_words("Pass\xc2\xadwort", 10, LABEL), CLASS_PASSWORD);
	/* a text without end is read a little way */
	memset(big, 'A', sizeof(big));
	assert_int_equal(field_by_words(big, sizeof(big), NAME), CLASS_NONE);
	memset(big, '\xc6', sizeof(big));
	assert_int_equal(field_by_words(big, sizeof(big), LABEL), CLASS_NONE);
	for (size_t i = 0; i + 1 < sizeof(big); i += 2)
		memcpy(big + i, "\xc3\x86", 2); /* Æ: two letters each */
	assert_int_equal(field_by_words(big, sizeof(big), NAME), CLASS_NONE);
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = i % 2 ? ' ' : 'a';
	memcpy(big, "password", 8);
	assert_int_equal(field_by_words(big, sizeof(big), NAME), CLASS_PASSWORD);
}

static void test_types(void **state)
{
	static const struct {
		const char *s;
		enum redact_class want;
	} cases[] = {
		{"password", CLASS_PASSWORD},   {"PassWord", CLASS_PASSWORD},
		{" password ", CLASS_PASSWORD}, {"email", CLASS_EMAIL},
		{"TEL", CLASS_PHONE},           {"submit", CLASS_NONE},
		{"button", CLASS_NONE},         {"Reset", CLASS_NONE},
		{"image", CLASS_NONE},          {"text", CLASS_FORM},
		{"search", CLASS_FORM},         {"hidden", CLASS_FORM},
		{"checkbox", CLASS_FORM},       {"file", CLASS_FORM},
		{"color", CLASS_FORM},          {"", CLASS_FORM},
		{"passwords", CLASS_FORM},      {"nonsense", CLASS_FORM},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(field_by_type(cases[i].s, strlen(cases[i].s)), cases[i].want);
}

static void test_autocomplete(void **state)
{
	static const struct {
		const char *s;
		enum redact_class want;
	} cases[] = {
		{"current-password", CLASS_PASSWORD},
		{"new-password", CLASS_PASSWORD},
		{"New-Password", CLASS_PASSWORD},
		{"section-a billing cc-number", CLASS_CARD},
		{"cc-name", CLASS_CARD},
		{"cc-given-name", CLASS_CARD},
		{"cc-exp", CLASS_CARD},
		{"cc-exp-month", CLASS_CARD},
		{"cc-type", CLASS_CARD},
		{"cc-csc", CLASS_CVC},
		{"billing\tCC-CSC", CLASS_CVC},
		{"one-time-code", CLASS_OTP},
		{"one-time-code webauthn", CLASS_OTP},
		{"email", CLASS_EMAIL},
		{"home email", CLASS_EMAIL},
		{"tel", CLASS_PHONE},
		{"shipping mobile tel-national", CLASS_PHONE},
		{"bday", CLASS_BIRTHDATE},
		{"bday-year", CLASS_BIRTHDATE},
		{"username", CLASS_FORM},
		{"username webauthn", CLASS_FORM},
		{"given-name", CLASS_FORM},
		{"section-x shipping street-address", CLASS_FORM},
		{"address-line1", CLASS_FORM},
		{"address-level2", CLASS_FORM},
		{"postal-code", CLASS_FORM},
		{"country-name", CLASS_FORM},
		{"organization-title", CLASS_FORM},
		{"username current-password", CLASS_PASSWORD},
		/* not of the standard, yet written */
		{"password", CLASS_PASSWORD},
		{"cardnumber", CLASS_CARD},
		{"cc-cvv", CLASS_CVC},
		{"otp", CLASS_OTP},
		{"off", CLASS_NONE},
		{"on", CLASS_NONE},
		{"", CLASS_NONE},
		{"section-cards", CLASS_NONE},
		{"section-password", CLASS_NONE},
		{"shipping", CLASS_NONE},
		{"nope", CLASS_NONE},
		{"webauthn", CLASS_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum redact_class got = field_by_autocomplete(cases[i].s, strlen(cases[i].s));

		if (got != cases[i].want)
			fail_msg("'%s': %d, not %d", cases[i].s, got, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_password),
		cmocka_unit_test(test_cvc),
		cmocka_unit_test(test_card),
		cmocka_unit_test(test_otp),
		cmocka_unit_test(test_iban),
		cmocka_unit_test(test_national_id),
		cmocka_unit_test(test_birthdate),
		cmocka_unit_test(test_email),
		cmocka_unit_test(test_phone),
		cmocka_unit_test(test_what_says_more),
		cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_autocomplete),
		cmocka_unit_test(test_other_scripts),
		cmocka_unit_test(test_asks_for_a_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
