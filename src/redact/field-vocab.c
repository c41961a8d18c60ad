/* field-vocab.c: the words that say what a field holds, by class and language. Data only; whoever
 * knows a language can extend it, and then adds a case to tests/unit/test-field.c.
 *
 * Words stand in their own spelling and in lower case; case, diacritics and punctuation of a text
 * are ignored ("Číslo karty:", "cislo_karty" and "cisloKarty" all are "číslo karty"). For German,
 * ä ö ü also match ae oe ue. A blank between words stands for any separator or none, so that joined
 * identifiers match as well ("cardnumber"). A match begins and ends where words do.
 *
 *   word*   any ending: "hasł*" is hasło, hasła, hasłem      *word   any beginning (compounds)
 *   ^word   nothing but filler words before it               word$   nothing but these after it
 *   WORD    in a label only in capitals: "DNI" is a Spanish identity card, "dni" are Polish days
 *
 * Of several words at the same place the longest counts, wherever it stands here, and what it
 * covers says nothing else. That is how the near misses at the end work: "loyalty card number" is
 * longer than "card number". So write what is too general as a longer phrase, and where a phrase
 * means something else in an ordinary context, that context as a near miss. */
#include "field-priv.h"

#define NAME  VOCAB_NAME
#define LABEL VOCAB_LABEL
#define BOTH  VOCAB_BOTH

const struct vocab_row field_vocab[] = {
	/* Passwords, PINs and what replaces them. */
	{CLASS_PASSWORD, BOTH, "en",
	 "*password*, *passwd*, passphrase*, pass phrase*, passcode, pass code, pwd, pwds, pin, "
	 "pins, "
	 "pin code, pin number, pin no, security answer, secret answer, secret word, secret code, "
	 "memorable word, memorable information, memorable answer, seed phrase, recovery phrase, "
	 "access code, master key phrase"},
	{CLASS_PASSWORD, NAME, "en",
	 "^pass$, user pass, login pass, my pass, new pass, old pass, current pass, confirm pass, "
	 "repeat pass, account pass, admin pass, db pass, smtp pass, ftp pass, wifi pass, auth "
	 "pass, "
	 "client pass, reg pass, mail pass, email pass, pass confirm, pass confirmation, pass "
	 "again, "
	 "pass repeat, *pwd*, passwrd, pasword, passw, psw, pswd, psswd, userpin, loginpin, "
	 "newpin, oldpin, mypin, atmpin, cardpin, pinconfirm, confirmpin, pinnumber"},
	{CLASS_PASSWORD, BOTH, "pl",
	 "hasł*, haseł, kod pin, kod dostępu, tajny kod, numer pin, fraza odzyskiwania"},
	{CLASS_PASSWORD, BOTH, "cs",
	 "hesl*, pinu, pin kód, kód pin, přístupový kód, přístupové heslo, tajný kód, bezpečnostní "
	 "odpověď"},
	{CLASS_PASSWORD, BOTH, "sk", "hesl*, pinu, pin kód, kód pin, prístupový kód, tajný kód"},
	{CLASS_PASSWORD, BOTH, "de",
	 "*passwort*, *kennwort*, passphrase, losungswort, *geheimzahl*, *geheimnummer*, pin "
	 "nummer, zugangscode, "
	 "geheimcode, sicherheitsantwort"},
	{CLASS_PASSWORD, BOTH, "fr",
	 "mot de passe, mots de passe, *motdepasse*, mdp, phrase de passe, phrase secrète, code "
	 "personnel, code pin, code secret, "
	 "code confidentiel, code d'accès, réponse secrète"},
	{CLASS_PASSWORD, BOTH, "es",
	 "*contraseñ*, contrasenia, ^clave$, clave de acceso, clave secreta, clave personal, "
	 "clave pin, nueva clave, repetir clave, confirmar clave, clave actual, código pin, "
	 "código secreto, código de acceso, frase de contraseña, frase secreta, respuesta secreta"},
	{CLASS_PASSWORD, BOTH, "it",
	 "codice pin, codice segreto, codice di accesso, parola d'ordine, parola segreta, "
	 "risposta segreta, risposta di sicurezza"},
	{CLASS_PASSWORD, BOTH, "nl",
	 "*wachtwoord*, *wachtzin, pincode, toegangscode, geheime code, geheim antwoord"},
	{CLASS_PASSWORD, BOTH, "pt",
	 "senha, senhas, palavra passe, palavras passe, frase secreta, palavra chave secreta, "
	 "código pin, código secreto, "
	 "código de acesso, resposta secreta"},

	/* The code on a card. */
	{CLASS_CVC, BOTH, "en",
	 "cvc, cvv, cvc2, cvv2, csc, cvn, ccv, ccv2, c v v, c v c, cvd code, cvd number, card cvd, "
	 "card cid, security code, card security, card verification, card verification code, "
	 "verification value, verification number, card identification number, card code, "
	 "code on back, code on reverse, code on your card, code on card, digits on back, "
	 "digits on reverse, digit code on back, number on back, numbers on back, "
	 "signature strip, signature panel, 3 digit code, three digit code"},
	{CLASS_CVC, NAME, "en",
	 "*cvv*, *cvc*, cccid, cc cid, cc csc, seccode, sec code, secnum, security num, cardcode, "
	 "card sec code, securitycode*, cc verification, cvd"},
	{CLASS_CVC, BOTH, "pl",
	 "kod bezpieczeństwa, kod zabezpieczający, kod na odwrocie, kod z odwrotu, "
	 "cyfry na odwrocie, kod z tyłu, kod weryfikacyjny karty, kod karty"},
	{CLASS_CVC, BOTH, "cs",
	 "bezpečnostní kód, kontrolní kód, ochranný kód, ověřovací kód karty, kód karty, "
	 "kód na zadní straně, kód ze zadní strany, číslice na zadní straně, trojčíslí"},
	{CLASS_CVC, BOTH, "sk",
	 "bezpečnostný kód, kontrolný kód, ochranný kód, overovací kód karty, kód karty, "
	 "kód na zadnej strane, kód zo zadnej strany, číslice na zadnej strane"},
	{CLASS_CVC, BOTH, "de",
	 "*prüfnummer, *prüfziffer*, *prüfcode, *sicherheitscode, sicherheitsnummer, "
	 "sicherheitsziffer*, code auf rückseite, ziffern auf rückseite, nummer auf rückseite, "
	 "kartenverifizierung*, kartencode, kartenprüf*"},
	{CLASS_CVC, LABEL, "de", "KPN"},
	{CLASS_CVC, BOTH, "fr",
	 "cryptogramme*, code de sécurité, code au dos, code au verso, chiffres au dos, "
	 "chiffres au verso, numéro au dos, code de vérification de la carte, code de la carte"},
	{CLASS_CVC, BOTH, "es",
	 "código de seguridad, código de verificación de la tarjeta, código de la tarjeta, "
	 "código al dorso, código del reverso, dígitos del reverso, dígitos al dorso, "
	 "número del reverso, codigoseguridad"},
	{CLASS_CVC, BOTH, "it",
	 "codice di sicurezza, codice di verifica della carta, codice della carta, "
	 "codice sul retro, cifre sul retro, numero sul retro"},
	{CLASS_CVC, BOTH, "nl",
	 "*beveiligingscode, veiligheidscode, controlecode, kaartcode, kaartverificatie*, "
	 "code op achterkant, code op achterzijde, cijfers op achterkant, cijfers op achterzijde"},
	{CLASS_CVC, BOTH, "pt",
	 "código de segurança, código do cartão, código de verificação do cartão, "
	 "código no verso, dígitos no verso, números no verso"},

	/* Payment cards: number, holder, expiry. */
	{CLASS_CARD, BOTH, "en",
	 "card number, card numbers, card nr, card num, card #, number on card, "
	 "card digits, cc number, cc num, cc no, cc nr, credit card, creditcard*, debit card, "
	 "debitcard*, cardholder*, card holder*, card owner, name on card, name appears on card, "
	 "name as it appears on card, name shown on card, primary account number, card pan, "
	 "card exp, card expiry*, card expiration, card expires, expiry date, expiration date, "
	 "expiry month, expiry year, expiration month, expiration year, exp date, exp month, "
	 "exp year, date of expiry, valid thru, good thru, ^expiry$, ^expiration$, mm yy"},
	{CLASS_CARD, LABEL, "en", "card no, ^expires$"},
	{CLASS_CARD, NAME, "en",
	 "card no$, "
	 "*cardnumber*, *cardnum, cardnum, *ccnum*, cardno, ccno, ccnr, ccname, ccholder, ccowner, "
	 "cc name, cc holder, cc owner, cc exp*, ccexp*, cc month, cc year, cc type, ccmonth, "
	 "ccyear, card month, card year, card mm, card yy, card expmonth, card expyear, cardexp*, "
	 "card name, expdate, expmonth, expyear, exp mm, exp yy, expmm, expyy, exp m, exp y, "
	 "expirydate, expirationdate, ^card pan$, cardpan, card data"},
	{CLASS_CARD, BOTH, "pl",
	 "numer kart*, numeru kart*, nr kart*, karta płatnicza, karty płatniczej, kartę płatniczą, "
	 "kartą płatniczą, karta kredytowa, karty kredytowej, kartę kredytową, karta debetowa, "
	 "karty debetowej, kartę debetową, posiadacz karty, posiadacza karty, właściciel karty, "
	 "właściciela karty, imię i nazwisko na karcie, nazwisko na karcie, ważność karty, "
	 "data ważności, datę ważności, karta ważna do, miesiąc ważności, rok ważności, mm rr"},
	{CLASS_CARD, BOTH, "cs",
	 "číslo kart*, čísla kart*, č karty, číslo platební kart*, číslo kreditní kart*, "
	 "platební kart*, kreditní kart*, debetní kart*, bankovní kart*, držitel karty, "
	 "držitele karty, majitel karty, majitele karty, jméno na kartě, jméno držitele, "
	 "platnost karty, karta platná do, ^platnost do$, ^platnost$, konec platnosti, "
	 "datum expirace, měsíc expirace, rok expirace, expirace karty, ^expirace$"},
	{CLASS_CARD, BOTH, "sk",
	 "číslo kart*, č karty, číslo platobnej kart*, číslo kreditnej kart*, platobná karta, "
	 "platobnej karty, platobnou kartou, kreditná karta, kreditnej karty, debetná karta, "
	 "debetnej karty, držiteľ karty, držiteľa karty, majiteľ karty, meno na karte, "
	 "meno držiteľa, platnosť karty, ^platnosť do$, ^platnosť$, koniec platnosti, "
	 "dátum exspirácie, exspirácia karty, ^exspirácia$, dátum expirácie"},
	{CLASS_CARD, BOTH, "de",
	 "*kartennummer*, *kartennr, karten nr, kk nr, kknr, kreditkarte*, debitkarte*, "
	 "bankkarte*, ec karte*, girokarte*, zahlkarte*, kreditkarten*, *karteninhaber*, "
	 "name auf karte, name auf der karte, name wie auf karte, karte gültig bis, ^gültig bis$, "
	 "*ablaufdatum*, *verfallsdatum*, *verfalldatum*, gültigkeitsdatum, ablaufmonat, "
	 "ablaufjahr, "
	 "mm jj"},
	{CLASS_CARD, BOTH, "fr",
	 "numéro de carte, numéros de carte, no de carte, no carte, num carte, numcarte, "
	 "numéro carte, numéro de carte bancaire, numéro de cb, num cb, numéro cb, cb num, "
	 "carte bancaire, carte bleue, carte de crédit, carte de débit, carte de paiement, "
	 "titulaire de la carte, titulaire carte, détenteur de la carte, porteur de la carte, "
	 "nom sur la carte, nom figurant sur la carte, nom inscrit sur la carte, "
	 "date d'expiration, date expiration, date de validité, date validité, "
	 "mois d'expiration, année d'expiration, expire fin, ^expiration$, validité de la carte"},
	{CLASS_CARD, BOTH, "es",
	 "número de tarjeta, números de tarjeta, no tarjeta, no de tarjeta, num tarjeta, "
	 "numtarjeta, nro de tarjeta, nro tarjeta, tarjeta de crédito, tarjeta de débito, "
	 "tarjeta bancaria, titular de la tarjeta, titular tarjeta, nombre en la tarjeta, "
	 "nombre del titular, nombre que aparece en la tarjeta, fecha de caducidad, "
	 "fecha caducidad, fecha de vencimiento, fecha vencimiento, fecha de expiración, "
	 "mes de caducidad, año de caducidad, mes de vencimiento, año de vencimiento, "
	 "vencimiento de la tarjeta, caducidad de la tarjeta, ^caducidad$, mm aa"},
	{CLASS_CARD, BOTH, "it",
	 "numero della carta, numero carta, numero di carta, n carta, no carta, num carta, "
	 "carta di credito, carta di debito, carta prepagata, titolare della carta, "
	 "titolare carta, intestatario della carta, intestatario carta, nome sulla carta, "
	 "nome riportato sulla carta, scadenza della carta, scadenza carta, data di scadenza, "
	 "data scadenza, mese di scadenza, anno di scadenza, ^scadenza$"},
	{CLASS_CARD, BOTH, "nl",
	 "*kaartnummer*, kaartnr, creditkaart*, betaalkaart*, bankkaart*, pasnummer, "
	 "kaarthouder*, naam kaarthouder, naam op kaart, naam op de kaart, naam op pas, "
	 "vervaldatum, vervalmaand, vervaljaar, kaart geldig tot, ^geldig tot$, "
	 "geldigheidsdatum"},
	{CLASS_CARD, BOTH, "pt",
	 "número do cartão, número de cartão, números do cartão, no do cartão, n do cartão, "
	 "num cartão, numcartao, nr do cartão, cartão de crédito, cartão de débito, "
	 "cartão bancário, titular do cartão, titular cartão, nome no cartão, "
	 "nome impresso no cartão, nome do titular, nome como está no cartão, "
	 "validade do cartão, data de validade, data validade, ^validade$, "
	 "data de expiração, mês de validade, ano de validade, vencimento do cartão"},

	/* One-time codes, and the codes that stand in for them. */
	{CLASS_OTP, BOTH, "en",
	 "otp, totp, hotp, 2fa, mfa, 2fa code, mfa code, otp code, otp pin, otp password, otc "
	 "code, "
	 "one time code, one time password, one time passcode, one time pin, onetime code, "
	 "onetime password, onetimecode, single use code, verification code, verify code, "
	 "verification pin, confirmation code, authentication code, authenticator code, "
	 "authorization code, authorisation code, auth code, two factor code, "
	 "two factor authentication code, two step code, second factor code, sms code, text code, "
	 "code from sms, code from text message, code we sent, code we texted, code we emailed, "
	 "code sent to, login code, log in code, sign in code, email code, e mail code, texted "
	 "code, "
	 "recovery code, recovery codes, backup code, backup codes, emergency code, "
	 "token code, rsa token, security token, digit 1, digit 2, digit 3, digit 4, digit 5, "
	 "digit 6, digit 7, digit 8, digit verification code, 6 digit code, six digit code"},
	{CLASS_OTP, NAME, "en",
	 "tfa code, tfa, vcode, vericode, verifcode, verif code, authcode, smscode, otpcode, "
	 "otpinput, otpfield, otpvalue, otptoken, totpcode, mfacode, userotp, smsotp, emailotp, "
	 "code2fa, 2facode, two factor$, twofactorcode, second factor$"},
	{CLASS_OTP, BOTH, "pl",
	 "kod sms, kod z sms, kod weryfikacyjny, kod jednorazowy, hasło jednorazowe, "
	 "hasła jednorazowego, kod autoryzacyjny, kod autoryzacji, kod potwierdzający, "
	 "kod potwierdzenia, kod uwierzytelniający, kod odzyskiwania, kod zapasowy, "
	 "kod z aplikacji, cyfra 1, cyfra 2, cyfra 3, cyfra 4, cyfra 5, cyfra 6"},
	{CLASS_OTP, BOTH, "cs",
	 "sms kód, kód sms, kód z sms, kód ze sms, ověřovací kód, jednorázový kód, "
	 "jednorázové heslo, jednorázového hesla, autorizační kód, autentizační kód, "
	 "potvrzovací kód, přihlašovací kód, záložní kód, obnovovací kód, kód pro obnovení, "
	 "kód z aplikace"},
	{CLASS_OTP, BOTH, "sk",
	 "sms kód, kód sms, kód z sms, kód zo sms, overovací kód, jednorazový kód, "
	 "jednorazové heslo, jednorazového hesla, autorizačný kód, autentifikačný kód, "
	 "potvrdzovací kód, prihlasovací kód, záložný kód, kód na obnovenie, kód z aplikácie"},
	{CLASS_OTP, BOTH, "de",
	 "*bestätigungscode, *verifizierungscode, *verifikationscode, *einmalcode, "
	 "*einmalpasswort, *einwegpasswort, *einmalkennwort, *authentifizierungscode, "
	 "*anmeldecode, sms code, "
	 "freigabecode, zwei faktor code, wiederherstellungscode*, notfallcode, ersatzcode, mtan, "
	 "smstan, sms tan, pushtan, phototan, chiptan, tan nummer, ziffer 1, ziffer 2, ziffer 3, "
	 "ziffer 4, ziffer 5, ziffer 6"},
	{CLASS_OTP, LABEL, "de", "TAN"},
	{CLASS_OTP, BOTH, "fr",
	 "code de vérification, code sms, code reçu par sms, code reçu par e mail, "
	 "code à usage unique, mot de passe à usage unique, code unique, code de confirmation, "
	 "code de validation, code d'authentification, code temporaire, code de récupération, "
	 "code de secours, code à 6 chiffres, chiffre 1, chiffre 2, chiffre 3, chiffre 4, "
	 "chiffre 5, chiffre 6"},
	{CLASS_OTP, BOTH, "es",
	 "código de verificación, código sms, código recibido por sms, código de un solo uso, "
	 "código de uso único, contraseña de un solo uso, clave de un solo uso, "
	 "código de confirmación, código de autenticación, código temporal, "
	 "código de recuperación, código de respaldo, código de 6 dígitos, dígito 1, dígito 2, "
	 "dígito 3, dígito 4, dígito 5, dígito 6"},
	{CLASS_OTP, BOTH, "it",
	 "codice di verifica, codice sms, codice ricevuto via sms, codice monouso, "
	 "password monouso, codice usa e getta, codice di conferma, codice di autenticazione, "
	 "codice temporaneo, codice di recupero, codice di backup, cifra 1, cifra 2, cifra 3, "
	 "cifra 4, cifra 5, cifra 6"},
	{CLASS_OTP, BOTH, "nl",
	 "verificatiecode, *sms code, eenmalige code, eenmalig wachtwoord, eenmalige inlogcode, "
	 "inlogcode, bevestigingscode, authenticatiecode, herstelcode, back upcode, tancode, "
	 "tan code, cijfer 1, cijfer 2, cijfer 3, cijfer 4, cijfer 5, cijfer 6"},
	{CLASS_OTP, BOTH, "pt",
	 "código de verificação, código sms, código recebido por sms, código de uso único, "
	 "código único, senha de uso único, senha única, código de confirmação, "
	 "código de autenticação, código temporário, código de recuperação, "
	 "código de 6 dígitos"},

	/* Only asked for by field_asks_code. */
	{CLASS_OTP, VOCAB_CODE, "en", "^code$, ^token$"},
	{CLASS_OTP, VOCAB_CODE_LABEL, "en",
	 "code received, received code, code you received, code sent, code from app, "
	 "code from e mail, code from email"},
	{CLASS_OTP, VOCAB_CODE, "pl", "^kod$"},
	{CLASS_OTP, VOCAB_CODE_LABEL, "pl",
	 "otrzymany kod, kod otrzymany, kod z wiadomości, kod z e maila"},
	{CLASS_OTP, VOCAB_CODE_LABEL, "cs", "zaslaný kód, kód ze zprávy, kód z e mailu"},
	{CLASS_OTP, VOCAB_CODE_LABEL, "de",
	 "zugesandter code, zugesandten code, erhaltener code, erhaltenen code, code aus sms, "
	 "code aus e mail, code aus app"},
	{CLASS_OTP, VOCAB_CODE_LABEL, "fr", "code reçu, code envoyé"},
	{CLASS_OTP, VOCAB_CODE, "es", "^código$"},
	{CLASS_OTP, VOCAB_CODE_LABEL, "es",
	 "código recibido, código enviado, código que has recibido"},
	{CLASS_OTP, VOCAB_CODE, "it", "^codice$"},
	{CLASS_OTP, VOCAB_CODE_LABEL, "it", "codice ricevuto, codice inviato"},
	{CLASS_OTP, VOCAB_CODE_LABEL, "nl", "ontvangen code, code ontvangen"},
	{CLASS_OTP, VOCAB_CODE_LABEL, "pt",
	 "código recebido, código enviado, token enviado, token recebido"},

	/* Bank accounts, whatever their form. */
	{CLASS_IBAN, BOTH, "en",
	 "iban, ibans, iban number, iban no, bank account, bank account number, bank account no, "
	 "account number, account nr, sort code, routing number, routing no, "
	 "aba number, aba routing, swift code, swift bic, bic swift, bic code, swift number"},
	{CLASS_IBAN, NAME, "en",
	 "bic, swift, account no$, acct number, acct no, acct num, accountno, accountnum, account "
	 "num, accnum, "
	 "accno, acc num, acc number, bank acct, bankacc, bankaccno, sortcode, routingno, "
	 "myiban, newiban, useriban, ibanfield, debtoriban, creditoriban"},
	{CLASS_IBAN, LABEL, "en", "BIC, SWIFT, account no"},
	{CLASS_IBAN, BOTH, "pl",
	 "numer konta bankowego, numer konta$, nr konta$, numer rachunku, nr rachunku, "
	 "rachunek bankowy, rachunku bankowego, konto bankowe, konta bankowego"},
	{CLASS_IBAN, BOTH, "cs",
	 "číslo účtu, čísla účtu, č účtu, číslo bankovního účtu, bankovní účet, bankovního účtu, "
	 "bankovní spojení"},
	{CLASS_IBAN, BOTH, "sk",
	 "číslo účtu, č účtu, číslo bankového účtu, bankový účet, bankového účtu, "
	 "bankové spojenie"},
	{CLASS_IBAN, BOTH, "de",
	 "*kontonummer*, konto nr, kontonr, *bankkonto*, bankverbindung*, bankleitzahl, "
	 "kontoinhaber*"},
	{CLASS_IBAN, LABEL, "de", "BLZ"},
	{CLASS_IBAN, BOTH, "fr",
	 "compte bancaire, numéro de compte, no de compte, num compte, coordonnées bancaires, "
	 "code banque, code guichet, clé rib, titulaire du compte"},
	{CLASS_IBAN, LABEL, "fr", "RIB"},
	{CLASS_IBAN, NAME, "fr", "^rib$"},
	{CLASS_IBAN, BOTH, "es",
	 "cuenta bancaria, número de cuenta, no de cuenta, num cuenta, nro de cuenta, "
	 "cuenta corriente, titular de la cuenta, clabe"},
	{CLASS_IBAN, BOTH, "it",
	 "conto corrente, conto bancario, numero di conto, numero conto, num conto, "
	 "coordinate bancarie, intestatario del conto, intestatario conto"},
	{CLASS_IBAN, BOTH, "nl", "*rekeningnummer*, *bankrekening*, rekeningnr, rekeninghouder"},
	{CLASS_IBAN, BOTH, "pt",
	 "conta bancária, número da conta, número de conta, no da conta, num conta, "
	 "conta corrente, titular da conta"},
	{CLASS_IBAN, LABEL, "pt", "NIB"},
	{CLASS_IBAN, NAME, "pt", "^nib$"},

	/* Numbers that a state gave a person: registers, taxes, insurance, identity papers. */
	{CLASS_NATIONAL_ID, BOTH, "en",
	 "ssn, ^s s n, social security, social security number, socialsecurity*, social sec, "
	 "social insurance number, national insurance, national insurance number, ni number, "
	 "n i number, nino, nhs number, nhs no, national id, national ids, "
	 "national identification, national identity, national number, identity number, "
	 "identity card, identity card number, identity document, id card, id card number, "
	 "id number, id document number, personal id, personal identity number, "
	 "personal identification number, personal number, citizen id, tax id, tax ids, "
	 "tax identification, tax identification number, taxpayer id, taxpayer identification, "
	 "tax number, tax reference, utr number, passport number, passport no, passport nr, "
	 "passport num, driving licence, driving license, driving licence number, "
	 "drivers license, driver s license, driver license, drivers licence, driver s licence, "
	 "driver s license number, licence number, medicare number, medicare no, "
	 "health insurance number, health card number, insurance card number, "
	 "residence permit number, green card number, aadhaar*, pan card, pps number, ppsn"},
	{CLASS_NATIONAL_ID, NAME, "en",
	 "socsec, soc sec, nationalid, nhsnumber, nhsno, nin number, taxid, passportno, "
	 "passportnumber, idcard, idnumber, id no$, itin, sin number, dl number, dlnumber, "
	 "drivers licence no"},
	{CLASS_NATIONAL_ID, LABEL, "en", "^SIN$, sin number, ITIN, UTR, NIN"},
	{CLASS_NATIONAL_ID, BOTH, "pl",
	 "pesel, nip, regon, numer pesel, dowód osobisty, dowodu osobistego, numer dowodu, "
	 "nr dowodu, seria i numer dowodu, seria i nr dowodu, seria dowodu, numer paszportu, "
	 "nr paszportu, paszport, prawo jazdy, prawa jazdy, "
	 "numer identyfikacji podatkowej, numer karty pacjenta"},
	{CLASS_NATIONAL_ID, BOTH, "cs",
	 "rodné čísl*, rodného čísla, rodné č, rod číslo, rodcislo, rodnecislo, "
	 "číslo občanského průkazu, číslo op, občanský průkaz, občanského průkazu, "
	 "občanka, číslo pasu, cestovní pas, číslo pojištěnce, číslo kartičky pojištěnce, "
	 "číslo karty pojištěnce, číslo řidičského průkazu, řidičský průkaz, daňové číslo"},
	{CLASS_NATIONAL_ID, LABEL, "cs", "^RČ$, ^r č$, DIČ, ^IČO$, IČO a DIČ, IČO DIČ, ^IČ$"},
	{CLASS_NATIONAL_ID, NAME, "cs", "^rc$, ^dic$, ^ico$"},
	{CLASS_NATIONAL_ID, BOTH, "sk",
	 "rodné čísl*, rodného čísla, číslo občianskeho preukazu, občiansky preukaz, "
	 "občianskeho preukazu, číslo pasu, cestovný pas, číslo poistenca, "
	 "číslo preukazu poistenca, vodičský preukaz, daňové identifikačné číslo"},
	{CLASS_NATIONAL_ID, LABEL, "sk", "IČ DPH"},
	{CLASS_NATIONAL_ID, BOTH, "de",
	 "steuer id, steuerid, *steueridentifikation*, *steueridnummer, *steuernummer*, "
	 "steuer nr, idnr, sozialversicherung*, *sozialversicherungsnummer, sv nummer, svnr, "
	 "sv nr, *rentenversicherungsnummer, *krankenversichertennummer, *versichertennummer, "
	 "krankenversicherungsnummer, personalausweis*, *ausweisnummer, ausweis nr, reisepass, "
	 "*reisepassnummer, passnummer, pass nr, führerscheinnummer, führerschein nr, "
	 "aufenthaltstitel*, gesundheitskartennummer, versichertenkartennummer"},
	{CLASS_NATIONAL_ID, BOTH, "fr",
	 "numéro de sécurité sociale, no de sécurité sociale, numéro sécu, no sécu, no de sécu, "
	 "numéro de sécu, "
	 "sécurité sociale, numsecu, num sécu, numéro fiscal, numéro insee, "
	 "numéro d'identification fiscale, carte d'identité, numéro de carte d'identité, "
	 "pièce d'identité, cni, numéro cni, carte vitale, numéro de carte vitale, "
	 "numéro de passeport, no de passeport, passeport, permis de conduire, "
	 "carte de séjour, titre de séjour, numéro d'assuré"},
	{CLASS_NATIONAL_ID, LABEL, "fr", "NIR"},
	{CLASS_NATIONAL_ID, NAME, "fr", "^nir$, numero nir"},
	{CLASS_NATIONAL_ID, BOTH, "es",
	 "número de dni, número dni, número del dni, num dni, dni nie, dni nif, nif nie, nif cif, "
	 "dni o nie, nif, número de nie, número nie, documento de identidad, "
	 "documento nacional de identidad, número de documento, número de identificación, "
	 "cédula de identidad, cédula de ciudadanía, "
	 "número de la seguridad social, seguridad social, número de pasaporte, pasaporte, "
	 "permiso de conducir, carnet de conducir, licencia de conducir, curp"},
	{CLASS_NATIONAL_ID, LABEL, "es", "DNI, NIE"},
	{CLASS_NATIONAL_ID, NAME, "es",
	 "^dni$, ^nie$, dni number, dni titular, dni cliente, dni usuario, dni numero"},
	{CLASS_NATIONAL_ID, BOTH, "it",
	 "codice fiscale, cod fiscale, codfiscale, codfisc, cod fisc, carta d'identità, "
	 "numero carta d'identità, numero documento, numero di documento, documento d'identità, "
	 "numero passaporto, numero di passaporto, passaporto, patente di guida, "
	 "numero patente, tessera sanitaria, numero tessera sanitaria, partita iva"},
	{CLASS_NATIONAL_ID, BOTH, "nl",
	 "bsn, bsn nummer, burgerservicenummer, sofinummer, sofi nummer, paspoortnummer, "
	 "paspoort, rijbewijsnummer, rijbewijs, identiteitskaart, identiteitskaartnummer, "
	 "identiteitsbewijs, *documentnummer, identificatienummer, rijksregisternummer, "
	 "verzekerdennummer"},
	{CLASS_NATIONAL_ID, BOTH, "pt",
	 "nif, niss, cpf, número de contribuinte, contribuinte, número de identificação fiscal, "
	 "cartão de cidadão, cartão do cidadão, número do cartão de cidadão, "
	 "número do cartão do cidadão, bilhete de identidade, documento de identidade, "
	 "segurança social, número de segurança social, número da segurança social, "
	 "número do passaporte, passaporte, carta de condução, número de utente"},

	/* Dates of birth. */
	{CLASS_BIRTHDATE, BOTH, "en",
	 "date of birth, birthdate, birth date, birthday, dob, d o b, birth day, birth month, "
	 "birth year, year of birth, month of birth, day of birth, born on, were you born, bday"},
	{CLASS_BIRTHDATE, BOTH, "pl",
	 "data urodzenia, daty urodzenia, datę urodzenia, rok urodzenia, dzień urodzenia, "
	 "miesiąc urodzenia, data ur"},
	{CLASS_BIRTHDATE, BOTH, "cs",
	 "datum narození, data narození, rok narození, den narození, měsíc narození, dat nar, "
	 "datum nar"},
	{CLASS_BIRTHDATE, BOTH, "sk",
	 "dátum narodenia, dátumu narodenia, rok narodenia, deň narodenia, mesiac narodenia"},
	{CLASS_BIRTHDATE, BOTH, "de",
	 "*geburtsdatum*, geburtstag, geburtsjahr, geburtsmonat, geb datum, gebdatum, geboren am"},
	{CLASS_BIRTHDATE, BOTH, "fr",
	 "date de naissance, datenaissance, date naissance, année de naissance, "
	 "jour de naissance, mois de naissance, ^naissance$"},
	{CLASS_BIRTHDATE, BOTH, "es",
	 "fecha de nacimiento, fecha nacimiento, fecha de nac, fecha nac, año de nacimiento, "
	 "mes de nacimiento, día de nacimiento, ^nacimiento$"},
	{CLASS_BIRTHDATE, BOTH, "it",
	 "data di nascita, data nascita, datanascita, anno di nascita, mese di nascita, "
	 "giorno di nascita, nato a il, nato il, nata il, ^nascita$"},
	{CLASS_BIRTHDATE, BOTH, "nl",
	 "*geboortedatum*, geboortejaar, geboortedag, geboortemaand, datum van geboorte"},
	{CLASS_BIRTHDATE, BOTH, "pt",
	 "data de nascimento, data nascimento, data de nasc, data nasc, ano de nascimento, "
	 "mês de nascimento, dia de nascimento, ^nascimento$"},

	/* E-mail addresses. */
	{CLASS_EMAIL, BOTH, "en",
	 "email, emails, e mail, e mails, email address, e mail address, mail address, ^mail$"},
	{CLASS_EMAIL, NAME, "en",
	 "*email, *emailaddress, *emailaddr, emailaddr, mailaddress, user mail, usermail, "
	 "contact mail, login mail, emailaddress*, email1, email2"},
	{CLASS_EMAIL, BOTH, "pl",
	 "adres mail*, poczty elektronicznej, poczta elektroniczna, e maila"},
	{CLASS_EMAIL, BOTH, "cs",
	 "mailová adresa, emailov*, e mailov*, e mailu, elektronická adresa, elektronická pošta"},
	{CLASS_EMAIL, BOTH, "sk",
	 "mailová adresa, emailov*, e mailov*, e mailu, elektronická adresa, elektronická pošta"},
	{CLASS_EMAIL, BOTH, "de", "mailadresse, *emailadresse, e mail adresse, mail adresse"},
	{CLASS_EMAIL, BOTH, "fr",
	 "adresse mail, adresse électronique, adresse de messagerie, courriel, ^mél$, "
	 "courrier électronique"},
	{CLASS_EMAIL, BOTH, "es",
	 "correo electrónico, dirección de correo, correo e, correoe, correoelectronico, ^correo$"},
	{CLASS_EMAIL, BOTH, "it",
	 "posta elettronica, indirizzo mail, indirizzo di posta elettronica"},
	{CLASS_EMAIL, BOTH, "nl", "*mailadres, e mailadres, mail adres"},
	{CLASS_EMAIL, BOTH, "pt", "correio eletrónico, correio eletrônico, correio electrónico"},

	/* Telephone numbers. */
	{CLASS_PHONE, BOTH, "en",
	 "phone, phones, telephone, phone number, phone no, phone nr, telephone number, "
	 "telephone no, tel number, tel no, tel nr, ^tel$, cell phone, cellphone, cell number, "
	 "cell no, ^cell$, mobile phone, mobile number, mobile no, mobile nr, mobile telephone, "
	 "^mobile$, contact number, contact no, landline, daytime number, evening number, "
	 "^fax$, fax number, fax no, whatsapp number"},
	{CLASS_PHONE, NAME, "en",
	 "phonenumber, phoneno, phonenum, userphone, homephone, workphone, telephonenumber, "
	 "*telephone, mobileno, mobilenumber, mobilenum, mobilephone, ^mob$, mobno, mob no, "
	 "phone1, phone2, tel1, tel2, telno, telnr, home tel, work tel, tel home, tel work, "
	 "contact tel, faxno, faxnumber"},
	{CLASS_PHONE, BOTH, "pl",
	 "telefon, telefonu, numer telefonu, nr telefonu, nr tel, numer tel, tel kom, "
	 "numer kontaktowy, telefon komórkowy, ^komórka$, nr kom$, nr komórki, tel kom$, numer "
	 "komórki, tel kontaktowy"},
	{CLASS_PHONE, BOTH, "cs",
	 "telefon, telefonu, telefonní číslo, telefonního čísla, tel číslo, tel č, číslo telefonu, "
	 "^mobil$, mobilní telefon, mobilní číslo, mobil číslo"},
	{CLASS_PHONE, BOTH, "sk",
	 "telefón, telefónu, telefónne číslo, tel číslo, tel č, číslo telefónu, ^mobil$, "
	 "mobilný telefón, mobilné číslo"},
	{CLASS_PHONE, BOTH, "de",
	 "telefon, *telefonnummer, *telefonnr, telefon nr, tel nr, ^handy$, handynummer, handynr, "
	 "handy nr, *mobilnummer, ^mobil$, mobiltelefon, mobilfunknummer, *rufnummer, "
	 "festnetz*, telefax*"},
	{CLASS_PHONE, BOTH, "fr",
	 "téléphone, no de téléphone, numéro de téléphone, tél portable, tél fixe, tél mobile, "
	 "tél domicile, numéro de portable, numéro de mobile, numéro portable, ^portable$, "
	 "téléphone portable"},
	{CLASS_PHONE, BOTH, "es",
	 "teléfono, teléfonos, número de teléfono, no de teléfono, tlf, tlfno, tfno, "
	 "teléfono móvil, ^móvil$, número de móvil, número móvil, celular, número de celular"},
	{CLASS_PHONE, BOTH, "it",
	 "telefono, numero di telefono, numero telefono, numero telefonico, num telefono, recapito "
	 "telefonico, "
	 "^cellulare$, numero di cellulare, numero cellulare, telefono cellulare, "
	 "telefono fisso"},
	{CLASS_PHONE, BOTH, "nl",
	 "telefoon, *telefoonnummer, telefoonnr, tel nummer, ^mobiel$, mobiel nummer, "
	 "mobiele nummer, mobiele telefoon, mobielnummer, ^gsm$, gsm nummer"},
	{CLASS_PHONE, BOTH, "pt",
	 "telefone, telefones, número de telefone, telemóvel, número de telemóvel, celular, "
	 "número de celular, ^fone$, fone residencial, telefone fixo, contacto telefónico"},

	/* Further languages of Europe: what matters most. */
	{CLASS_PASSWORD, BOTH, "sv", "*lösenord*, pinkod, säkerhetsfråga svar"},
	{CLASS_PASSWORD, BOTH, "da", "*adgangskode*, *kodeord*, pinkode"},
	{CLASS_PASSWORD, BOTH, "no", "*passord*"},
	{CLASS_PASSWORD, BOTH, "fi", "salasana*, tunnusluku*, pin koodi"},
	{CLASS_PASSWORD, BOTH, "hu", "jelszó*, jelszav*, pin kód"},
	{CLASS_PASSWORD, BOTH, "ro", "^parola$, parolă, parolei, cod pin"},
	{CLASS_PASSWORD, BOTH, "tr", "şifre, şifreniz, şifreyi, parolanız"},
	{CLASS_CVC, BOTH, "sv", "*säkerhetskod, kortkod, cvc kod"},
	{CLASS_CVC, BOTH, "da", "*sikkerhedskode, *kontrolcifre, *kontrolcifrene"},
	{CLASS_CVC, BOTH, "no", "*sikkerhetskode"},
	{CLASS_CVC, BOTH, "fi", "turvakoodi, turvaluku, kortin tarkiste"},
	{CLASS_CVC, BOTH, "hu", "biztonsági kód"},
	{CLASS_CVC, BOTH, "ro", "cod de securitate, codul de securitate"},
	{CLASS_CVC, BOTH, "tr", "güvenlik kodu"},
	{CLASS_CARD, BOTH, "sv",
	 "*kortnummer*, kreditkort*, betalkort*, bankkort*, kortinnehavare*, "
	 "kortets giltighetstid, ^utgångsdatum$"},
	{CLASS_CARD, BOTH, "da", "betalingskort*, kortholder*, kortets udløbsdato, ^udløbsdato$"},
	{CLASS_CARD, BOTH, "no", "kortholder*, kortets utløpsdato, ^utløpsdato$"},
	{CLASS_CARD, BOTH, "fi", "kortin numero, korttinumero, luottokort*, kortinhaltija*"},
	{CLASS_CARD, BOTH, "hu", "kártyaszám*, bankkártya*, kártyabirtokos*, kártya lejárata"},
	{CLASS_CARD, BOTH, "ro",
	 "număr card, număr de card, numărul cardului, titular card, titularul cardului, "
	 "data expirării cardului"},
	{CLASS_CARD, BOTH, "tr",
	 "kart numarası, kart no, kart üzerindeki isim, son kullanma tarihi"},
	{CLASS_OTP, BOTH, "sv",
	 "*engångskod*, *engångslösenord*, *verifieringskod, bekräftelsekod"},
	{CLASS_OTP, BOTH, "da", "*engangskode*, *bekræftelseskode, *verifikationskode"},
	{CLASS_OTP, BOTH, "no", "*engangskode*, *bekreftelseskode, *verifiseringskode"},
	{CLASS_OTP, BOTH, "fi", "kertakäyttö*, vahvistuskoodi*, tekstiviestikoodi*"},
	{CLASS_OTP, BOTH, "hu", "ellenőrző kód, megerősítő kód, egyszer használatos kód, sms kód"},
	{CLASS_OTP, BOTH, "ro", "cod de verificare, codul de verificare, cod sms, cod unic"},
	{CLASS_OTP, BOTH, "tr", "doğrulama kodu, sms kodu, tek kullanımlık şifre, onay kodu"},
	{CLASS_IBAN, BOTH, "sv", "*kontonummer*, bankgironummer"},
	{CLASS_IBAN, BOTH, "fi", "tilinumero*"},
	{CLASS_IBAN, BOTH, "hu", "bankszámlaszám*, számlaszám"},
	{CLASS_NATIONAL_ID, BOTH, "sv", "*personnummer*, passnummer"},
	{CLASS_NATIONAL_ID, BOTH, "da", "cpr, cpr nummer, cpr nr, personnummer"},
	{CLASS_NATIONAL_ID, BOTH, "no", "fødselsnummer*, fødselsnr"},
	{CLASS_NATIONAL_ID, BOTH, "fi", "henkilötunnus*, hetu, passin numero"},
	{CLASS_NATIONAL_ID, BOTH, "hu",
	 "adóazonosító*, taj szám, személyi igazolvány*, személyi szám, útlevélszám*"},
	{CLASS_NATIONAL_ID, BOTH, "ro", "cnp, cod numeric personal, carte de identitate"},
	{CLASS_NATIONAL_ID, BOTH, "tr", "tc kimlik, t c kimlik, kimlik numarası, kimlik no"},
	{CLASS_BIRTHDATE, BOTH, "sv", "*födelsedatum*, födelsedag"},
	{CLASS_BIRTHDATE, BOTH, "da", "*fødselsdato*, fødselsdag"},
	{CLASS_BIRTHDATE, BOTH, "fi", "syntymäaika*, syntymäpäivä*"},
	{CLASS_BIRTHDATE, BOTH, "hu", "születési dátum*, születési idő*, születés dátuma"},
	{CLASS_BIRTHDATE, BOTH, "ro", "data nașterii, data de naștere"},
	{CLASS_BIRTHDATE, BOTH, "tr", "doğum tarihi*"},
	{CLASS_EMAIL, BOTH, "sv", "*epostadress*, e post, e postadress"},
	{CLASS_EMAIL, BOTH, "fi", "sähköposti*"},
	{CLASS_PHONE, BOTH, "fi", "puhelin, puhelinnumero*, matkapuhelin*"},
	{CLASS_PHONE, BOTH, "hu", "telefonszám*, mobilszám*"},
	{CLASS_PHONE, BOTH, "ro", "număr de telefon, numărul de telefon"},
	{CLASS_PHONE, BOTH, "tr", "telefon numarası, telefon no, cep telefonu"},

	/* Near misses: phrases that hold one of the words above and mean something else. */
	{CLASS_NONE, BOTH, "en",
	 "show password*, hide password*, toggle password*, forgot password*, "
	 "forgotten password*, forgot my password*, forgotten my password*, lost password*, "
	 "lost my password*, forget password*, remember password*, remember my password*, "
	 "password strength*, password meter, password manager*, password policy, "
	 "password length, password rules, password requirements, password visibility, "
	 "passwordless*, without password, no password, password protected, "
	 "password expires, password expiry, password changed, pin it, pin to, pin this, "
	 "pin post, pin note, pin message, pin comment, pin chat, pin conversation, pin item, "
	 "pin map, pin location, pin on map, pin on board, pin tab, map pin, drop pin, dropped "
	 "pin, "
	 "pin drop, pin board, lapel pin, enamel pin, rolling pin, hair pin, pin badge, "
	 "pin color, pin colour, pin icon, hat pin, bowling pin, safety pin, bobby pin, "
	 "loyalty card number, loyalty card no, membership card number, member card number, "
	 "library card number, business card number, business card no, report card number, "
	 "score card number, club card number, bonus card number, store card number, "
	 "sim card number, memory card number, graphics card number, sd card number, "
	 "reward card number, rewards card number, travel card number, fuel card number, "
	 "credit card fee*, credit card surcharge, credit card offer*, "
	 "credit card payment*, credit card type*, credit card logo*, credit card icon*, "
	 "credit card accepted, debit card payment*, pay by credit card, pay by debit card, "
	 "pay with credit card, credit card declined, card no longer*, gift card code, card number "
	 "required, "
	 "passport expiry date, passport expiration date, licence expiry date, "
	 "license expiry date, license expiration date, document expiry date, "
	 "product expiry date, offer expiry date, coupon expiry date, coupon expiration date, "
	 "voucher expiry date, contract expiry date, certificate expiry date, "
	 "certificate expiration date, token expiry*, token expiration*, link expiry*, "
	 "link expiration*, domain expiry date, domain expiration date, session expiration*, "
	 "session expiry*, batch expiry date, stock expiry date, food expiry date, "
	 "policy expiry date, subscription expiry date, membership expiry date, "
	 "booking confirmation code, order confirmation code, reservation confirmation code, "
	 "flight confirmation code, "
	 "customer account number, customer account no, utility account number, "
	 "gas account number, electricity account number, broadband account number, "
	 "social security benefit*, order id number, product id number, "
	 "transaction id number, item id number, security token service, software licence number, "
	 "software license number, national number plate, plate licence number, "
	 "birthday gift*, birthday card*, birthday party, birthday parties, birthday cake*, "
	 "birthday wish*, birthday message*, birthday present*, birthday discount*, "
	 "birthday offer*, birthday club, birthday reminder*, birthday voucher*, birthday treat, "
	 "email me, email notification*, email preference*, email newsletter*, email frequency, "
	 "email subject, email template*, email type, email verified, email consent, "
	 "email updates, email alerts, email marketing, email format, email signature, "
	 "email count, email opt in, email footer, send email, "
	 "phone type*, phone model*, phone brand*, phone case*, phone cover*, phone plan*, "
	 "phone support, telephone support, phone code, phone country*, phone prefix*, "
	 "phone verified, phone charger*, phone call*, phone holder*, phone icon, phone make, "
	 "phone storage, phone colour, phone color, phone screen*, phone repair*, by phone, "
	 "by telephone, over phone, phone ext, phone extension, fax machine*, iphone*, "
	 "phone insurance, phone size, phone order*, phone stand*, phone mount*, "
	 "mobile phone model*, mobile phone case*, mobile phone brand*, mobile phone plan*, "
	 "tel prefix, tel code, tel country*"},
	{CLASS_NONE, BOTH, "sv",
	 "glömt lösenord*, visa lösenord, glömt lösenordet, lånekortnummer, medlemskortnummer, "
	 "glemt adgangskode*, glemt kodeord*, glemt passord*, vis adgangskode, vis passord, "
	 "unohditko salasanan, salasana unohtunut, elfelejtett jelszó*, elfelejtette jelszavát, "
	 "ai uitat parola, şifremi unuttum, kundkontonummer"},
	/* A month and a year that a day stands before are any date. */
	{CLASS_NONE, BOTH, "",
	 "dd mm yy, dd mm rr, tt mm jj, jj mm aa, dd mm aa, gg mm aa, dd mm jj"},
	{CLASS_NONE, BOTH, "pl",
	 "pokaż hasło, ukryj hasło, zapamiętaj hasło, zapomniałem hasła, zapomniałeś hasła, "
	 "nie pamiętam hasła, nie pamiętasz hasła, siła hasła, hasło reklamowe, hasło przewodnie, "
	 "krzyżówka hasło, hasło promocyjne, numer karty lojalnościowej, "
	 "numer karty stałego klienta, numer karty bibliotecznej, numer karty klienta, "
	 "data ważności produktu, data ważności oferty, data ważności dowodu, "
	 "data ważności paszportu, data ważności kuponu, data ważności badań, "
	 "numer telefonu infolinii, telefon zaufania"},
	{CLASS_NONE, BOTH, "cs",
	 "zobrazit heslo, ukázat heslo, skrýt heslo, zapomenuté heslo, zapomněli jste heslo, "
	 "zapomněl jsem heslo, zapamatovat heslo, pamatovat heslo, síla hesla, "
	 "heslo do tajenky, heslo encyklopedie, číslo karty zákazníka, číslo karty čtenáře, "
	 "číslo karty věrnostního, platnost nabídky do, konec platnosti smlouvy, "
	 "konec platnosti nabídky, číslo účtu faktury"},
	{CLASS_NONE, BOTH, "sk",
	 "zobraziť heslo, ukázať heslo, skryť heslo, zabudnuté heslo, zabudli ste heslo, "
	 "zapamätať heslo, sila hesla, číslo karty zákazníka, číslo karty čitateľa, "
	 "koniec platnosti zmluvy, koniec platnosti ponuky"},
	{CLASS_NONE, BOTH, "de",
	 "passwort anzeigen, passwort zeigen, passwort verbergen, passwort vergessen, "
	 "kennwort anzeigen, kennwort vergessen, passwort merken, passwort speichern, "
	 "*passwortstärke, *passwortmanager, kundenkartennummer, visitenkartennummer, "
	 "bibliothekskartennummer, mitgliedskartennummer, bonuskartennummer, "
	 "simkartennummer, sim kartennummer, speisekartennummer, "
	 "payback kartennummer, landkartennummer, eintrittskartennummer, kundenkontonummer, "
	 "geburtstagsgeschenk*, geburtstagskarte*, mobiltelefon modell, telefonbuch"},
	{CLASS_NONE, BOTH, "fr",
	 "afficher mot de passe, afficher le mot de passe, masquer le mot de passe, "
	 "montrer le mot de passe, mot de passe oublié, mémoriser le mot de passe, "
	 "force du mot de passe, numéro de carte de fidélité, "
	 "numéro de carte de membre, numéro de carte d'étudiant, numéro de carte grise, "
	 "numéro de carte sim, numéro de compte client, "
	 "date de validité du passeport, date de validité de l'offre, date d'expiration du "
	 "passeport, "
	 "ordinateur portable, par téléphone"},
	{CLASS_NONE, BOTH, "es",
	 "mostrar contraseña, ocultar contraseña, olvidé mi contraseña, olvidó su contraseña, "
	 "has olvidado tu contraseña, recordar contraseña, recordar mi contraseña, "
	 "contraseña olvidada, seguridad de la contraseña, palabra clave, "
	 "número de tarjeta de fidelización, número de tarjeta de socio, "
	 "número de tarjeta de puntos, número de tarjeta sim, fecha de caducidad del producto, "
	 "fecha de caducidad del pasaporte, fecha de vencimiento de la factura, por teléfono"},
	{CLASS_NONE, BOTH, "it",
	 "mostra password, nascondi password, password dimenticata, hai dimenticato la password, "
	 "ricorda password, ricorda la password, numero carta fedeltà, numero della carta fedeltà, "
	 "numero carta sim, scadenza offerta, data di scadenza dell'offerta, "
	 "data di scadenza del prodotto, data di scadenza del documento, data di scadenza fattura, "
	 "per telefono"},
	{CLASS_NONE, BOTH, "nl",
	 "wachtwoord tonen, wachtwoord weergeven, wachtwoord verbergen, wachtwoord vergeten, "
	 "wachtwoord onthouden, toon wachtwoord, *wachtwoordsterkte, klantenkaartnummer, "
	 "klantkaartnummer, bibliotheekkaartnummer, bonuskaartnummer, "
	 "lidkaartnummer, simkaartnummer, visitekaartnummer, vervaldatum factuur, "
	 "vervaldatum product, per telefoon"},
	{CLASS_NONE, BOTH, "pt",
	 "mostrar senha, ocultar senha, exibir senha, esqueci minha senha, esqueci a senha, "
	 "esqueceu a senha, esqueceu sua senha, lembrar senha, força da senha, "
	 "mostrar palavra passe, esqueci me da palavra passe, número do cartão fidelidade, "
	 "número do cartão de fidelidade, número do cartão cliente, "
	 "número do cartão sim, data de validade do produto, data de validade do passaporte, "
	 "data de validade da oferta, por telefone"},
	{0, 0, NULL, NULL},
};

const char field_stop_words[] =
	"the, your, my, our, of, votre, vos, mon, ma, mes, la, le, les, du, de, des, el, "
	"los, "
	"las, del, su, sus, tu, tus, mi, mis, il, lo, della, dello, dell, di, tuo, tua, suo, sua, "
	"der, "
	"die, das, den, dem, ihr, ihre, ihrer, ihren, deine, dein, deiner, meine, mein, van, het, "
	"een, "
	"uw, je, jouw, mijn, seu, twoj, twoja, twoje, twojej, twojego, moj, moja, moje, vas, vase, "
	"vasi, vaseho, vasej, tvoj, tvoje";

const char field_filler_words[] =
	"enter, please, type, new, old, current, confirm, repeat, again, required, optional, "
	"field, "
	"fld, input, inp, txt, text, tb, ctl, form, frm, user, customer, client, billing, payment, "
	"pay, "
	"checkout, value, val, id, number, no, nr, account, home, work, your, and, or, reg, login, "
	"data, "
	"content, wpisz, podaj, wymagane, zadejte, zadajte, povinne, bitte, eingeben, pflichtfeld, "
	"geben, sie, ein, saisissez, entrez, obligatoire, requis, introduzca, introduce, ingrese, "
	"obligatorio, requerido, inserisci, obbligatorio, opzionale, facoltativo, voer, vul, in, "
	"verplicht, optioneel, insira, digite, introduza, obrigatorio, opcional, numero, num, "
	"cislo, "
	"numer, nummer";
