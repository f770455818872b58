package bank

import "strings"

// Examples gives the rows of the example sheet of a template, in the order of its
// columns: of people and places that are not. Taken in in the order of [Kinds] they
// make a bank.
func Examples(name string) [][]string {
	var rows [][]string
	for line := range strings.Lines(examples()[name]) {
		rows = append(rows, strings.Split(strings.TrimSpace(line), "|"))
	}
	return rows
}

func examples() map[string]string {
	return map[string]string{
		"regions":            "500000|重庆市|省级||1997-06-18|\n500100|市辖区|地级|500000||",
		"catalogue-intros":   "710205|大数据技术应用|中职|7102|三年|数据处理、数据标注等岗位（群）。|具有采集、整理数据的能力|计算机基础|数据采集技术|校内外实训||大数据应用开发|大数据技术||",
		"catalogue-courses":  "710205|大数据技术应用|专业核心课程|1|数据采集技术",
		"articulation":       "710205|大数据技术应用|中职|高职专科|大数据技术|510205",
		"occupations":        "710205|大数据技术应用|4-04-05-05|数据分析处理工程技术人员",
		"level-certificates": "大数据应用开发|1|710205",
		"schools":            "4150099901|雾都(虚构)职业技术学院|重庆市|重庆市|专科|示例主管部门|示例",
		"code-sets":          "xb|[人的性别代码]示例|2",
		"codes":              "xb|1|男性\nxb|2|女性",
		"catalogue":          "710205|大数据技术应用|中职|71|电子与信息大类|7102|计算机类|否||示例",
		"institutions":       "3650990001|云帆(示例)职业教育中心|Yunfan Example Vocational Centre|中等职业学校|500100|18|0.5\n4150099901|雾都(虚构)职业技术学院|Wudu Fictional College|高职专科学校|500100|16|0.5",
		"courses":            "3650990001|00101|语文|Chinese|12|216|54|公共基础|3|2020-09-01||阅读、写作与口语交际\n4150099901|YT1301|程序设计基础|Programming|4|64|32|专业基础|5|2020-09-01||",
		"programmes":         "4150099901|510203|软件技术|Software Technology|510203|3|140",
		"groups":             "4150099901|510203|basic|公共基础课|40\n4150099901|510203|core|专业核心课|60",
		"plans":              "4150099901|510203|core|YT1301|是|否",
		"equivalences":       "E0001|3650990001|00101|75||4150099901|YT1301|||按课程学分||2022-09-01|||||给学分||",
		"policies":           "学分银行|||2020-09-01|60|10|3",
		"caps":               "学分银行|||2020-09-01|总量|||50%",
		"scales":             "五星制|2020-09-01|五星|95|是\n五星制|2020-09-01|一星|50|否",
		"learners":           "L000001|示例学员一|居民身份证|000000200804141025|G000000200804141025|2008-04-14|女|4150099901|510203|2023-09-01|00010000037|",
		"records":            "L000001|YF2024-00001|课程|3650990001|00101||88|percent|12|216|3|2024-06-25||2023-2024-2",
		"uses":               "L000001|3650990001|YF2024-00001|4150099901|510203|2025-09-15|启用前已认定",
		"holidays":           "2026-10-01|off|国庆节",
		"exams":              "DK|高职分类考试(对口类)|2022-01-01|3650990001|00101|300",

		RegionalCourses:      "示例学员一|000000200804141025|软件技术|程序设计基础|86|322|4|64|85|202401|2026|1690|||L000001",
		RegionalExternal:     "示例学员一|000000200804141025|4150099901|01||语文|云帆(示例)职业教育中心||33|12|216|90|202306||||原校已确认|L000001|21|YT1301|程序设计基础|4|202409|软件技术",
		RegionalCertificates: "示例学员一|000000200804141025|4150099901|02|竞赛|语文|3|云帆(示例)职业教育中心||33|0|0||202305|21|YT1301|程序设计基础|4|202409|软件技术",
	}
}
