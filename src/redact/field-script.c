/* field-script.c: words that say what a field holds, in scripts that aren't Latin; see field.h.
 *
 * A word counts wherever it stands in Chinese, Japanese and Korean, which don't tell words apart,
 * and at the beginning of a word elsewhere. Of several at one place the longest counts and covers
 * what is in it, so that near misses (CLASS_NONE) hide words. Spaces within them are the text's
 * own; case is ignored. */
#include "field-priv.h"

#include "fold.h"
#include "redactfs/utf8.h"

#include <string.h>

#define TEXT_BYTES 600u /* of a label's */

static const struct {
	uint8_t cls;
	const char *words; /* each ends with a zero, the last with two */
} vocab[] = {
	/* Japanese */
	{CLASS_PASSWORD,
	 "パスワード\0暗証番号\0合言葉\0秘密の答え\0秘密の質問の答え\0パスコード\0"},
	{CLASS_NONE, "パスワードを忘れ\0パスワードをお忘れ\0パスワードを表示\0パスワードの強度\0"
		     "パスワードを保存\0パスワード再発行\0"},
	{CLASS_CVC, "セキュリティコード\0セキュリティーコード\0カード確認番号\0カード裏面\0"},
	{CLASS_CARD, "カード番号\0クレジットカード\0デビットカード\0カード名義\0有効期限\0"},
	{CLASS_NONE, "ポイントカード番号\0会員カード番号\0図書カード番号\0利用者カード番号\0"
		     "ギフトカード番号\0クーポン有効期限\0"},
	{CLASS_OTP, "認証コード\0認証番号\0確認コード\0ワンタイムパスワード\0ワンタイムコード\0"
		    "検証コード\0"},
	{CLASS_IBAN, "口座番号\0銀行口座\0口座名義\0"},
	{CLASS_NATIONAL_ID, "マイナンバー\0個人番号\0免許証番号\0パスポート番号\0旅券番号\0"
			    "保険証番号\0被保険者番号\0基礎年金番号\0在留カード番号\0"},
	{CLASS_BIRTHDATE, "生年月日\0誕生日\0"},
	{CLASS_EMAIL, "メールアドレス\0eメール\0ｅメール\0Ｅメール\0電子メール\0"},
	{CLASS_PHONE, "電話番号\0携帯番号\0携帯電話\0"},
	/* Chinese, simplified and traditional */
	{CLASS_PASSWORD, "密码\0密碼\0口令\0"},
	{CLASS_NONE, "忘记密码\0忘記密碼\0显示密码\0顯示密碼\0"},
	{CLASS_CVC, "安全码\0安全碼\0卡背面\0"},
	{CLASS_CARD, "信用卡\0银行卡号\0銀行卡號\0卡号\0卡號\0持卡人\0有效期\0"},
	{CLASS_NONE, "会员卡号\0會員卡號\0优惠卡号\0"},
	{CLASS_OTP, "验证码\0驗證碼\0校验码\0动态码\0动态密码\0動態密碼\0一次性密码\0一次性密碼\0"},
	{CLASS_IBAN, "银行账号\0銀行帳號\0银行账户\0銀行賬號\0"},
	{CLASS_NATIONAL_ID, "身份证\0身份證\0身分證\0护照号\0護照號\0社保号\0"},
	{CLASS_BIRTHDATE, "出生日期\0生日\0"},
	{CLASS_EMAIL, "电子邮箱\0电子邮件\0電子郵件\0電郵\0邮箱\0"},
	{CLASS_PHONE, "手机号\0手機號\0电话\0電話號碼\0"},
	/* Korean */
	{CLASS_PASSWORD, "비밀번호\0암호\0패스워드\0"},
	{CLASS_NONE, "비밀번호 찾기\0비밀번호를 잊\0비밀번호 표시\0"},
	{CLASS_CVC, "보안코드\0보안 코드\0카드 뒷면\0"},
	{CLASS_CARD, "카드번호\0카드 번호\0신용카드\0유효기간\0카드 소유자\0"},
	{CLASS_OTP, "인증번호\0인증 번호\0인증코드\0인증 코드\0일회용 비밀번호\0"},
	{CLASS_IBAN, "계좌번호\0계좌 번호\0"},
	{CLASS_NATIONAL_ID, "주민등록번호\0주민번호\0여권번호\0운전면허번호\0외국인등록번호\0"},
	{CLASS_BIRTHDATE, "생년월일\0"},
	{CLASS_EMAIL, "이메일\0"},
	{CLASS_PHONE, "전화번호\0휴대폰\0휴대전화\0"},
	/* Russian, Ukrainian */
	{CLASS_PASSWORD, "пароль\0пароля\0пин-код\0пин код\0секретное слово\0кодовое слово\0"},
	{CLASS_NONE, "пароль забыт\0забыли пароль\0забыл пароль\0забули пароль\0показать пароль\0"
		     "показати пароль\0скрыть пароль\0запомнить пароль\0"},
	{CLASS_CVC, "код безопасности\0код на обороте\0код безпеки\0"},
	{CLASS_CARD, "номер карты\0номер банковской карты\0номер картки\0срок действия\0"
		     "держатель карты\0владелец карты\0имя на карте\0термін дії\0"},
	{CLASS_NONE, "номер карты лояльности\0номер карты клиента\0"},
	{CLASS_OTP, "код из смс\0код из sms\0код подтверждения\0одноразовый\0код підтвердження\0"
		    "код із смс\0"},
	{CLASS_IBAN, "номер счета\0номер счёта\0номер рахунку\0"},
	{CLASS_NATIONAL_ID, "снилс\0инн\0ипн\0рнокпп\0паспорт\0номер паспорта\0"
			    "водительское удостоверение\0полис омс\0"},
	{CLASS_BIRTHDATE, "дата рождения\0дата народження\0"},
	{CLASS_EMAIL, "электронная почта\0эл. почта\0электронной почты\0електронна пошта\0"},
	{CLASS_PHONE, "телефон\0номер телефона\0"},
	/* Greek */
	{CLASS_PASSWORD, "κωδικός πρόσβασης\0κωδικος προσβασης\0συνθηματικό\0"},
	{CLASS_CARD, "αριθμός κάρτας\0πιστωτική κάρτα\0ημερομηνία λήξης\0κάτοχος κάρτας\0"},
	{CLASS_CVC, "κωδικός ασφαλείας\0"},
	{CLASS_OTP, "κωδικός επιβεβαίωσης\0κωδικός επαλήθευσης\0κωδικός μιας χρήσης\0"},
	{CLASS_NATIONAL_ID, "αφμ\0α.φ.μ.\0αμκα\0αριθμός ταυτότητας\0αριθμός διαβατηρίου\0"},
	{CLASS_BIRTHDATE, "ημερομηνία γέννησης\0"},
	{CLASS_PHONE, "τηλέφωνο\0κινητό\0"},
};

static bool has_script(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((uint8_t)s[i] >= 0xcd) /* from U+0340 on */
			return true;
	return false;
}

/* Alphabets have edges; what is left of Latin words in them ("sms") ends as it ends. */
static bool may_begin(const char *s, size_t at)
{
	uint32_t before = fold_before(s, at);

	return before >= 0x2e80 || !fold_is_word(before);
}

/* An abbreviation of three letters ends where it ends. */
static bool may_end(const char *s, size_t n, size_t at, size_t len)
{
	return len > 6 || (uint8_t)s[at] >= 0xe0 || !fold_is_word(fold_at(s, n, at + len));
}

static size_t longest_at(const char *s, size_t n, size_t at, uint8_t *ret_cls)
{
	size_t best = 0;

	for (size_t v = 0; v < sizeof(vocab) / sizeof(vocab[0]); v++) {
		for (const char *w = vocab[v].words; *w; w += strlen(w) + 1) {
			size_t len = strlen(w);

			if (w[0] != s[at] || len <= best || len > n - at ||
			    memcmp(s + at, w, len) != 0 || !may_end(s, n, at, len))
				continue;
			best = len;
			*ret_cls = vocab[v].cls;
		}
	}
	return best;
}

enum redact_class field_by_script(const char *text, size_t len)
{
	char s[TEXT_BYTES + 8];
	size_t n = 0;
	uint8_t best = CLASS_NONE;

	if (!has_script(text, len))
		return CLASS_NONE;
	for (size_t i = 0; i < len && n < TEXT_BYTES;)
		n += utf8_put(s + n, fold_next(text, len, &i));
	for (size_t i = 0; i < n;) {
		uint8_t cls = CLASS_NONE;
		size_t m = ((uint8_t)s[i] & 0xc0) != 0x80 && may_begin(s, i)
				   ? longest_at(s, n, i, &cls)
				   : 0;

		/* as the order of classes has it, but that a code or a CVC says what the password
		 * is */
		if (cls && (!best || cls < best || (best == CLASS_PASSWORD && cls == CLASS_OTP)))
			best = cls;
		i += m ? m : 1;
	}
	return (enum redact_class)best;
}
