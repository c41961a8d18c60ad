/* notice-words.h: the sentences of a notice, a row a language. {site}, {controller} and {days} are
 * filled in; a controller's name stands where no language inflects it. */
#ifndef REDACTFS_SRC_POLICY_NOTICE_WORDS_H
#define REDACTFS_SRC_POLICY_NOTICE_WORDS_H

#include "redactfs/notice.h"

struct notice_words {
	const char *lang;
	const char *title, *what;
	const char *forms_off, *forms_sealed, *forms_shown; /* one of them */
	const char *never, *hidden, *locked;
	const char *kept_day, *kept_days, *kept_open; /* one of them */
	const char *rights;
};

static const struct notice_words notice_words[NOTICE_LANGS] = {
	{
		.lang = "en",
		.title = "How visits to {site} are recorded",
		.what = "{controller} records visits to {site}: the pages as they are shown, and "
			"how the mouse moves, clicks and scrolls.",
		.forms_off = "What you enter into forms is not recorded.",
		.forms_sealed =
			"What you enter into forms is kept under a separate key. It is shown to "
			"nobody but an authorised person who has to give a reason for it.",
		.forms_shown = "What you enter into forms is recorded too.",
		.never = "Passwords, card numbers, security codes and one-time codes are never "
			 "kept.",
		.hidden = "E-mail addresses, phone numbers, bank account numbers and identity "
			  "numbers are hidden where they are recognised.",
		.locked = "Recordings are encrypted. Only people who log in can look at them.",
		.kept_day = "A recording is erased 1 day after the visit.",
		.kept_days = "A recording is erased {days} days after the visit.",
		.kept_open = "A recording is kept until it is erased; there is no fixed period.",
		.rights = "You can ask what is held about you, have it erased, and object to being "
			  "recorded. Controller: {controller}. You can also lodge a complaint with "
			  "a data protection authority.",
	},
	{
		.lang = "pl",
		.title = "Jak nagrywane są wizyty na stronie {site}",
		.what = "{controller} nagrywa wizyty na stronie {site}: wyświetlane strony oraz "
			"ruchy myszy, kliknięcia i przewijanie.",
		.forms_off = "To, co wpisujesz w formularzach, nie jest nagrywane.",
		.forms_sealed = "To, co wpisujesz w formularzach, jest przechowywane pod osobnym "
				"kluczem. Nie jest pokazywane nikomu poza osobą upoważnioną, która "
				"musi podać powód.",
		.forms_shown = "Nagrywane jest także to, co wpisujesz w formularzach.",
		.never = "Hasła, numery kart, kody zabezpieczające i kody jednorazowe nigdy nie są "
			 "przechowywane.",
		.hidden = "Adresy e-mail, numery telefonów, numery rachunków bankowych i numery "
			  "identyfikacyjne są ukrywane tam, gdzie zostaną rozpoznane.",
		.locked = "Nagrania są zaszyfrowane. Obejrzeć je mogą tylko osoby, które się "
			  "zalogują.",
		.kept_day = "Nagranie jest usuwane 1 dzień po wizycie.",
		.kept_days = "Nagranie jest usuwane {days} dni po wizycie.",
		.kept_open =
			"Nagranie jest przechowywane do czasu usunięcia; nie ma ustalonego okresu.",
		.rights = "Masz prawo dowiedzieć się, jakie dane o Tobie są przechowywane, zażądać "
			  "ich usunięcia i sprzeciwić się nagrywaniu. Administrator danych: "
			  "{controller}. Możesz też złożyć skargę do organu ochrony danych.",
	},
	{
		.lang = "cs",
		.title = "Jak se nahrávají návštěvy webu {site}",
		.what = "{controller} nahrává návštěvy webu {site}: zobrazené stránky, pohyby "
			"myši, kliknutí a posouvání.",
		.forms_off = "Co vyplníte do formulářů, se nenahrává.",
		.forms_sealed =
			"Co vyplníte do formulářů, se uchovává pod zvláštním klíčem. Nezobrazuje "
			"se nikomu kromě oprávněné osoby, která musí uvést důvod.",
		.forms_shown = "Nahrává se i to, co vyplníte do formulářů.",
		.never = "Hesla, čísla karet, bezpečnostní kódy a jednorázové kódy se nikdy "
			 "neuchovávají.",
		.hidden = "E-mailové adresy, telefonní čísla, čísla bankovních účtů a "
			  "identifikační čísla se skrývají všude, kde jsou rozpoznána.",
		.locked = "Nahrávky jsou šifrované. Prohlížet si je mohou jen lidé, kteří se "
			  "přihlásí.",
		.kept_day = "Nahrávka se vymaže po 1 dni od návštěvy.",
		.kept_days = "Nahrávka se vymaže po {days} dnech od návštěvy.",
		.kept_open =
			"Nahrávka se uchovává, dokud není vymazána; pevná doba není stanovena.",
		.rights = "Máte právo zjistit, jaké údaje o vás jsou uchovávány, nechat je vymazat "
			  "a vznést námitku proti nahrávání. Správce údajů: {controller}. Můžete "
			  "také podat stížnost u úřadu pro ochranu osobních údajů.",
	},
	{
		.lang = "sk",
		.title = "Ako sa nahrávajú návštevy stránky {site}",
		.what = "{controller} nahráva návštevy stránky {site}: zobrazené stránky, pohyby "
			"myši, kliknutia a posúvanie.",
		.forms_off = "Čo vyplníte do formulárov, sa nenahráva.",
		.forms_sealed =
			"Čo vyplníte do formulárov, sa uchováva pod osobitným kľúčom. Nezobrazuje "
			"sa nikomu okrem oprávnenej osoby, ktorá musí uviesť dôvod.",
		.forms_shown = "Nahráva sa aj to, čo vyplníte do formulárov.",
		.never = "Heslá, čísla kariet, bezpečnostné kódy a jednorazové kódy sa nikdy "
			 "neuchovávajú.",
		.hidden = "E-mailové adresy, telefónne čísla, čísla bankových účtov a "
			  "identifikačné čísla sa skrývajú všade, kde sú rozpoznané.",
		.locked = "Nahrávky sú šifrované. Prezerať si ich môžu len ľudia, ktorí sa "
			  "prihlásia.",
		.kept_day = "Nahrávka sa vymaže po 1 dni od návštevy.",
		.kept_days = "Nahrávka sa vymaže po {days} dňoch od návštevy.",
		.kept_open =
			"Nahrávka sa uchováva, kým nie je vymazaná; pevná lehota nie je určená.",
		.rights = "Máte právo zistiť, aké údaje o vás sa uchovávajú, dať ich vymazať a "
			  "namietať proti nahrávaniu. Prevádzkovateľ: {controller}. Môžete tiež "
			  "podať sťažnosť na úrade na ochranu osobných údajov.",
	},
	{
		.lang = "de",
		.title = "Wie Besuche von {site} aufgezeichnet werden",
		.what = "{controller} zeichnet Besuche von {site} auf: die Seiten, wie sie "
			"angezeigt werden, sowie Mausbewegungen, Klicks und Scrollen.",
		.forms_off = "Was Sie in Formulare eingeben, wird nicht aufgezeichnet.",
		.forms_sealed = "Was Sie in Formulare eingeben, wird unter einem eigenen Schlüssel "
				"aufbewahrt. Es wird niemandem gezeigt außer einer befugten "
				"Person, die dafür einen Grund angeben muss.",
		.forms_shown = "Auch was Sie in Formulare eingeben, wird aufgezeichnet.",
		.never = "Passwörter, Kartennummern, Prüfnummern und Einmalcodes werden nie "
			 "aufbewahrt.",
		.hidden = "E-Mail-Adressen, Telefonnummern, Konto- und Ausweisnummern werden "
			  "verborgen, wo sie erkannt werden.",
		.locked = "Aufzeichnungen sind verschlüsselt. Ansehen können sie nur Personen, die "
			  "sich anmelden.",
		.kept_day = "Eine Aufzeichnung wird 1 Tag nach dem Besuch gelöscht.",
		.kept_days = "Eine Aufzeichnung wird {days} Tage nach dem Besuch gelöscht.",
		.kept_open = "Eine Aufzeichnung wird aufbewahrt, bis sie gelöscht wird; eine feste "
			     "Frist gibt es nicht.",
		.rights = "Sie können Auskunft darüber verlangen, was über Sie gespeichert ist, es "
			  "löschen lassen und der Aufzeichnung widersprechen. Verantwortlich: "
			  "{controller}. Sie können sich auch bei einer "
			  "Datenschutzaufsichtsbehörde beschweren.",
	},
	{
		.lang = "fr",
		.title = "Comment les visites de {site} sont enregistrées",
		.what = "{controller} enregistre les visites de {site} : les pages telles qu’elles "
			"s’affichent, les mouvements de la souris, les clics et le défilement.",
		.forms_off = "Ce que vous saisissez dans les formulaires n’est pas enregistré.",
		.forms_sealed = "Ce que vous saisissez dans les formulaires est conservé sous une "
				"clé à part. Cela n’est montré à personne, sauf à une personne "
				"habilitée qui doit en donner la raison.",
		.forms_shown =
			"Ce que vous saisissez dans les formulaires est également enregistré.",
		.never = "Les mots de passe, numéros de carte, cryptogrammes et codes à usage "
			 "unique ne sont jamais conservés.",
		.hidden = "Les adresses e-mail, numéros de téléphone, numéros de compte bancaire "
			  "et numéros d’identité sont masqués là où ils sont reconnus.",
		.locked = "Les enregistrements sont chiffrés. Seules les personnes qui "
			  "s’identifient peuvent les consulter.",
		.kept_day = "Un enregistrement est effacé 1 jour après la visite.",
		.kept_days = "Un enregistrement est effacé {days} jours après la visite.",
		.kept_open = "Un enregistrement est conservé jusqu’à son effacement ; aucune durée "
			     "n’est fixée.",
		.rights = "Vous pouvez demander quelles données vous concernant sont conservées, "
			  "les faire effacer et vous opposer à l’enregistrement. Responsable du "
			  "traitement : {controller}. Vous pouvez aussi introduire une réclamation "
			  "auprès d’une autorité de protection des données.",
	},
	{
		.lang = "es",
		.title = "Cómo se graban las visitas a {site}",
		.what = "{controller} graba las visitas a {site}: las páginas tal como se "
			"muestran, los movimientos del ratón, los clics y el desplazamiento.",
		.forms_off = "Lo que introduce en los formularios no se graba.",
		.forms_sealed = "Lo que introduce en los formularios se guarda bajo una clave "
				"aparte. No se muestra a nadie, salvo a una persona autorizada que "
				"debe indicar el motivo.",
		.forms_shown = "También se graba lo que introduce en los formularios.",
		.never = "Las contraseñas, los números de tarjeta, los códigos de seguridad y los "
			 "códigos de un solo uso no se guardan nunca.",
		.hidden = "Las direcciones de correo electrónico y los números de teléfono, de "
			  "cuenta bancaria y de identidad se ocultan allí donde se reconocen.",
		.locked = "Las grabaciones están cifradas. Solo pueden verlas personas que inician "
			  "sesión.",
		.kept_day = "Una grabación se borra 1 día después de la visita.",
		.kept_days = "Una grabación se borra {days} días después de la visita.",
		.kept_open =
			"Una grabación se conserva hasta que se borra; no hay un plazo fijado.",
		.rights = "Puede preguntar qué datos suyos se conservan, hacer que se borren y "
			  "oponerse a la grabación. Responsable: {controller}. También puede "
			  "presentar una reclamación ante una autoridad de protección de datos.",
	},
	{
		.lang = "it",
		.title = "Come vengono registrate le visite a {site}",
		.what = "{controller} registra le visite a {site}: le pagine così come vengono "
			"mostrate, i movimenti del mouse, i clic e lo scorrimento.",
		.forms_off = "Ciò che inserisce nei moduli non viene registrato.",
		.forms_sealed = "Ciò che inserisce nei moduli viene conservato sotto una chiave a "
				"parte. Non viene mostrato a nessuno, salvo a una persona "
				"autorizzata che deve indicarne il motivo.",
		.forms_shown = "Viene registrato anche ciò che inserisce nei moduli.",
		.never = "Password, numeri di carta, codici di sicurezza e codici monouso non "
			 "vengono mai conservati.",
		.hidden = "Indirizzi e-mail e numeri di telefono, di conto bancario e di identità "
			  "vengono nascosti dove sono riconosciuti.",
		.locked = "Le registrazioni sono cifrate. Può vederle solo chi accede con le "
			  "proprie credenziali.",
		.kept_day = "Una registrazione viene cancellata 1 giorno dopo la visita.",
		.kept_days = "Una registrazione viene cancellata {days} giorni dopo la visita.",
		.kept_open = "Una registrazione viene conservata finché non viene cancellata; non "
			     "è previsto un termine fisso.",
		.rights = "Può chiedere quali dati che La riguardano sono conservati, farli "
			  "cancellare e opporsi alla registrazione. Titolare del trattamento: "
			  "{controller}. Può anche presentare reclamo a un’autorità per la "
			  "protezione dei dati.",
	},
	{
		.lang = "nl",
		.title = "Hoe bezoeken aan {site} worden opgenomen",
		.what = "{controller} neemt bezoeken aan {site} op: de pagina’s zoals ze worden "
			"getoond, muisbewegingen, klikken en scrollen.",
		.forms_off = "Wat u in formulieren invult, wordt niet opgenomen.",
		.forms_sealed = "Wat u in formulieren invult, wordt onder een aparte sleutel "
				"bewaard. Het wordt aan niemand getoond, behalve aan een bevoegde "
				"persoon die daarvoor een reden moet opgeven.",
		.forms_shown = "Ook wat u in formulieren invult, wordt opgenomen.",
		.never = "Wachtwoorden, kaartnummers, beveiligingscodes en eenmalige codes worden "
			 "nooit bewaard.",
		.hidden = "E-mailadressen, telefoonnummers, bankrekeningnummers en "
			  "identiteitsnummers worden verborgen waar ze worden herkend.",
		.locked =
			"Opnamen zijn versleuteld. Alleen mensen die inloggen kunnen ze bekijken.",
		.kept_day = "Een opname wordt 1 dag na het bezoek gewist.",
		.kept_days = "Een opname wordt {days} dagen na het bezoek gewist.",
		.kept_open =
			"Een opname wordt bewaard tot ze wordt gewist; er is geen vaste termijn.",
		.rights = "U kunt vragen wat er over u wordt bewaard, het laten wissen en bezwaar "
			  "maken tegen het opnemen. Verwerkingsverantwoordelijke: {controller}. U "
			  "kunt ook een klacht indienen bij een toezichthouder voor "
			  "gegevensbescherming.",
	},
	{
		.lang = "pt",
		.title = "Como são gravadas as visitas a {site}",
		.what = "{controller} grava as visitas a {site}: as páginas tal como são "
			"mostradas, os movimentos do rato, os cliques e a deslocação.",
		.forms_off = "O que introduz nos formulários não é gravado.",
		.forms_sealed = "O que introduz nos formulários é guardado sob uma chave à parte. "
				"Não é mostrado a ninguém, exceto a uma pessoa autorizada, que tem "
				"de indicar o motivo.",
		.forms_shown = "O que introduz nos formulários também é gravado.",
		.never = "As palavras-passe, os números de cartão, os códigos de segurança e os "
			 "códigos de utilização única nunca são guardados.",
		.hidden = "Os endereços de e-mail e os números de telefone, de conta bancária e de "
			  "identidade são ocultados onde são reconhecidos.",
		.locked =
			"As gravações são cifradas. Só as pessoas que iniciam sessão as podem ver.",
		.kept_day = "Uma gravação é apagada 1 dia após a visita.",
		.kept_days = "Uma gravação é apagada {days} dias após a visita.",
		.kept_open = "Uma gravação é guardada até ser apagada; não há prazo fixo.",
		.rights = "Pode perguntar que dados seus são guardados, pedir que sejam apagados e "
			  "opor-se à gravação. Responsável pelo tratamento: {controller}. Pode "
			  "também apresentar reclamação a uma autoridade de proteção de dados.",
	},
};

#endif
