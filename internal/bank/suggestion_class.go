package bank

import "strconv"

// specialties is a set of the classes of the vocational catalogues (专业大类), which
// the secondary, higher and undergraduate levels share: bit 0 is the first of the 19.
type specialties uint32

// vocationalFirst are the first two digits of the first class of each vocational
// catalogue (2021): of undergraduate, higher and secondary programmes.
var vocationalFirst = [...]int{21, 41, 61}

const vocationalClasses = 19

// disciplines are the vocational classes that a discipline of the general
// undergraduate catalogue (2012) is taught in, by its two digits; 哲学, 文学, 历史学
// and 理学 are taught in none of them alone.
var disciplines = map[int]specialties{
	2:  classes(13),                             // 经济学: 财经商贸
	3:  classes(18, 19),                         // 法学: 公安与司法, 公共管理与服务
	4:  classes(17),                             // 教育学: 教育与体育
	5:  classes(16, 17),                         // 文学: 新闻传播, 教育与体育
	8:  classes(2, 3, 4, 5, 6, 7, 8, 9, 10, 11), // 工学
	9:  classes(1),                              // 农学: 农林牧渔
	10: classes(12),                             // 医学: 医药卫生
	12: classes(13, 14, 19),                     // 管理学: 财经商贸, 旅游, 公共管理与服务
	13: classes(15),                             // 艺术学: 文化艺术
}

func classes(numbers ...int) (set specialties) {
	for _, n := range numbers {
		set |= 1 << (n - 1)
	}
	return set
}

// specialtiesOf are the classes of a national programme code, whichever catalogue it
// is of; none when it is of no class that levels share.
func specialtiesOf(code string) specialties {
	if len(code) < 2 {
		return 0
	}
	n, err := strconv.Atoi(code[:2])
	if err != nil {
		return 0
	}
	for _, first := range vocationalFirst {
		if n >= first && n < first+vocationalClasses {
			return 1 << (n - first)
		}
	}
	return disciplines[n]
}

// stageOf says how far up a kind of institution teaches; 0: it is no school on the way.
func stageOf(kind string) int {
	switch kind {
	case "general_secondary", "secondary_vocational", "comprehensive_secondary":
		return 1
	case "higher_vocational":
		return 2
	case "vocational_undergraduate", "general_undergraduate", "overseas":
		return 3
	}
	return 0
}
