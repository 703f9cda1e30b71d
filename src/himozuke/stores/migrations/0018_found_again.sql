-- Names and numbers are found however they are written; a notice filed again names the one it mends (S66, S69).

-- A name for searching: one width, katakana, small kana as large, one form of each kanji, without spaces or marks.
-- The kanji are the pairs of identity/tables/kanji_fold.tsv that both stand in the code page of Windows (932).
CREATE FUNCTION search_name(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT translate(
        regexp_replace(upper(normalize(given, NFKC)), '[\s%_\\・･.,''’=＝ー‐‑‒–—―−-]', '', 'g'),
        'ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろゎわゐゑをんゔゕゖァィゥェォッャュョヮヵヶ丗乕' ||
        '乘乢亂亊亙亞亟亰从仭伜佛來侚侫偀假做傳僞僣價儁儉儘兊兒兔兩册冐冝冦冨冩冱决况凉凖凛凬凾刄刧剩剱劍劑劒劔勛勞勳勵勸勹區卆卷卻厠厮厰參咊咏咒咜哥唔啣喆單嘴噐噪嚏嚠嚥嚴囑囓囘圀圈國圍圓圖團埀埓堽塲增墫墮墸墻' ||
        '壓壘壞壤壥壯壹壺壻壽夂夘夛奧奬姙娚娼嫐嫻孃孩學寃寉寢實寫寬寳寶尅將專對尞尢尭屆屓屬峩峯峽崕崗崘崧嵒嵓嵜嵳嶋嶌嶹嶽巖巛巵帋帶幤廏廐廚廢廣廰廳廼弃弉弌弍弯彈彌彜徃徑從德忰恆恊恠悅悊悧悳惞惠惡惱惷愠愼愽慘慚' ||
        '慟慾憇憘憙應懴懶懷懾戀戝戞戰戲抂抬拂拔拜拿挾捍揀插搖搗搜摠擇擔據擧擱擴攜攝攪攵收效敍敎敕敘敞數斈斷旙昜昻昿晄晉晝晥晧暎曉曵曻曾會朖朞杦杰枦枩栁栢桒桝桿條梦梹棊棧楜楳榘榮槙槨樂樓樞樣橫檜檢檪檮櫁櫑櫻權欝' ||
        '歐歡歸殘殱殼毆毓气氣沒泝泪涌淨淸淺渊渕湶溪滯滿潛潴澀澁澂澑澣澤濕濟濤濱濳濵濶瀁瀧瀨灌灣烟烱焏煕熈熔燈燒營燻爍爐爭爲爼牀牋犁犧犲犹狹獎獏獨獵獸獻珎珮珱瑤瑪瑯璢甁甞甯甼畄畆畊畍畧畫畴當疂疉疊疣癡癢發皀皃皈' ||
        '皷皹盃盖盜盡眞眦睿瞹砿碎碚碪碵礙礦礪祕禀禄禪禮禰稱稻稾穃穉穐穗穩穰窗窰竈竊竒竚竝竫笋笵笶筝筱筺箆箟篏篭簑簔簷籔籖籘粃粮粹糢糺絋經綠綫緕緖緜縣縱縲總繩繪繼繿續纎纒纖罇罎罸羃羝羡羣羮翆翦耒耻聟聨聰聲聽肅脉' ||
        '脣腟腦腮膓膽臈臟臺與舉舊舍舖舘舩舮艢艷莊莖莵菷萓萠萬葢蒂蒭蕚薀薰藏藥藪蘂蘓蘗蘯處號虱蚫螢蟇蟲蠅蠇蠏蠣蠧蠶蠻衂衞袮袵裝裡裵褝襃襍覊覩覺覽觀觧觸訷諫謌謠證譌譛譯譱譽讀變讐讓谿豐豬豼貍貎貭貮貳賍賣賤賴贊贒赱' ||
        '踈踐踴蹠躙軣輌輕輙轉辭迯迴迹逅逎逕逹遙遞遨遲邇邉邊邨郞鄕鄰醉醋醫釀釋釡釼鈆鈎鈩鈬銕鋪錢鎭鏥鐚鐡鐵鑄鑒鑚鑛鑪閇閒閙閠關阯陷隨險隱隸雙雜霸靈靍靏靑靜靤靱靹韲韵頴頸顏顯飃飜飮餝餠駈騷驅驗驛髓體髙髮鬪鬻魲鰛鰲' ||
        '鰺鱠鳫鳬鴈鵄鵞鵰鶯鷄鷏鹽麥麪麸黏黑默點黨鼡齊齋齒齡龍龜龝﨑﨟',
        'アアイイウウエエオオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂツツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモヤヤユユヨヨラリルレロワワヰヱヲンヴカケアイウエオツヤユヨワカケ世虎' ||
        '乗蓋乱事亘亜丞京従仞倅仏来徇佞英仮作伝偽僭価俊倹侭兌児兎両冊冒宜寇富写冴決況涼準凜風函刃劫剰剣剣剤剣剣勲労勲励勧包区卒巻却廁廝廠参和詠呪咤歌吾銜哲単觜器譟嚔瀏咽厳嘱齧回国圏国囲円図団垂埒岡場増樽堕躇牆' ||
        '圧塁壊壌廛壮壱壷婿寿終卯多奥奨妊嬲倡嬲嫺嬢咳学冤鶴寝実写寛宝宝剋将専対燎尤堯届負属峨峰峡崖岡崙嵩岩岩崎嵯島島島岳巌川卮紙帯幣厩厩厨廃広庁庁迺棄奘一二彎弾弥彝往径従徳悴恒協怪悦哲俐徳欣恵悪悩蠢慍慎博惨慙' ||
        '恫欲憩喜喜応懺嬾懐慴恋財戛戦戯狂擡払抜拝拏挟扞柬挿揺擣捜総択担拠挙閣拡携摂撹攴収効叙教勅叙敝数学断旛陽昂曠晃晋昼皖皓映暁曳昇曽会朗期杉傑櫨松柳柏桑枡杆条夢檳棋桟胡梅矩栄槇椁楽楼枢様横桧検櫟梼樒罍桜権鬱' ||
        '欧歓帰残殲殻殴育乞気没溯涙湧浄清浅淵淵泉渓滞満潜瀦渋渋澄溜浣沢湿済涛浜潜浜闊漾滝瀬潅湾煙炯丞熙熙鎔灯焼営熏鑠炉争為俎床箋犂犠豺猶狭奨貘独猟獣献珍佩瓔瑶碼琅瑠瓶嘗寧町留畝耕界略画疇当畳畳畳肬痴痒発香貌帰' ||
        '鼓皸杯蓋盗尽真眥叡曖鉱砕培砧碩碍鉱砺秘稟祿禅礼祢称稲稿榕稚秋穂穏穣窓窯竃窃奇佇並靖筍範矢箏篠筐篦箘箝籠蓑蓑檐薮籤籐秕糧粋模糾紘経緑線纃緒綿県縦累総縄絵継襤続繊纏繊樽壜罰冪牴羨群羹翠剪来恥婿聯聡声聴粛脈' ||
        '唇膣脳顋腸胆臘臓台与挙旧舎舗館船艫檣艶荘茎菟帚萱萌万蓋蔕芻萼蘊薫蔵薬薮蕊蘇檗蕩処号蝨鮑蛍蟆虫蝿蛎蟹蛎蠹蚕蛮衄衛祢衽装裏裴襌褒雑羈睹覚覧観解触伸諌歌謡証訛譖訳善誉読変讎譲渓豊猪貔狸猊質弐弐贓売賎頼賛賢走' ||
        '疎践踊跖躪轟輛軽輒転辞逃回跡遘遒径達遥逓敖遅迩辺辺村郎郷隣酔酢医醸釈釜剣鉛鉤炉鐸鉄舗銭鎮銹錏鉄鉄鋳鑑鑽鉱炉閉間鬧閏関址陥随険隠隷双雑覇霊鶴鶴青静皰靭鞆齏韻穎頚顔顕飄翻飲飾餅駆騒駆験駅髄体高髪闘粥鱸鰮鼇' ||
        '鯵膾雁鳧雁鴟鵝雕鴬鶏鷆塩麦麺麩粘黒黙点党鼠斉斎歯齢竜亀秋崎臘'
    )
$$;

-- A scheme number for searching: one width, one kind of sign between and around its parts.
CREATE FUNCTION search_number(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT coalesce(
        '-' || nullif(
            trim(BOTH '-' FROM regexp_replace(upper(normalize(given, NFKC)), '[\s%_\\:・･/.,ー‐‑‒–—―−-]+', '-', 'g')), ''
        ) || '-',
        ''
    )
$$;

ALTER TABLE link
    ADD COLUMN search_name text NOT NULL
        GENERATED ALWAYS AS (search_name(kanji_name) || ' ' || search_name(kana_name)) STORED,
    ADD COLUMN search_number text NOT NULL GENERATED ALWAYS AS (search_number(scheme_number)) STORED;

ALTER TABLE notice
    ADD COLUMN search_name text NOT NULL
        GENERATED ALWAYS AS (search_name(kanji_name) || ' ' || search_name(kana_name)) STORED,
    ADD COLUMN search_number text NOT NULL GENERATED ALWAYS AS (
        search_number(
            insurer_number || ':' || regexp_replace(symbol, '\s', '', 'g') || ':' || number || ':' || branch
        )
    ) STORED,
    ADD COLUMN file_line integer,
    ADD COLUMN mends_notice_id bigint REFERENCES notice;
COMMENT ON COLUMN notice.file_line IS 'the physical line of its row in the file, 1 is the first';
COMMENT ON COLUMN notice.mends_notice_id IS 'the returned notice that this one takes the place of: that one waits no more';
CREATE INDEX notice_by_mended ON notice (mends_notice_id) WHERE mends_notice_id IS NOT NULL;

-- Inspected again, a link of a file finds what an earlier run found.
CREATE INDEX inspection_finding_by_link ON inspection_finding (organisation_id, link_key);
