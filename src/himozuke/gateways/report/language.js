// Keeps the language of the page in step with the switch; without it the switch works all the same.
(function () {
  var ja = document.getElementById("lang-ja");
  var en = document.getElementById("lang-en");
  var titles = { ja: document.title, en: document.documentElement.dataset.titleEn };
  function show() {
    var lang = en.checked ? "en" : "ja";
    document.documentElement.lang = lang;
    document.title = titles[lang] || titles.ja;
  }
  if (location.hash === "#en") {
    en.checked = true;
  }
  ja.addEventListener("change", show);
  en.addEventListener("change", show);
  show();
})();
