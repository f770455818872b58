package web

import "strings"

// deviceFamilies are the browsers and the systems that people know by name, each
// by what stands in their user agents, the more particular one first.
var deviceFamilies = [2][]struct{ sign, name string }{
	{{"MicroMessenger", "WeChat"}, {"DingTalk", "DingTalk"}, {"QQBrowser", "QQ Browser"}, {"HuaweiBrowser", "Huawei Browser"}, {"UCBrowser", "UC Browser"},
		{"Edg", "Edge"}, {"Firefox", "Firefox"}, {"FxiOS", "Firefox"}, {"Chrome", "Chrome"}, {"CriOS", "Chrome"}, {"Safari", "Safari"}},
	{{"OpenHarmony", "HarmonyOS"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "Mac"}, {"Linux", "Linux"}},
}

// deviceFamily is what a browser says it is, without any version: enough to tell
// one's phone from one's desk. Empty when it says nothing that is known.
func deviceFamily(agent string) string {
	var found []string
	for _, list := range deviceFamilies {
		for _, family := range list {
			if strings.Contains(agent, family.sign) {
				found = append(found, family.name)
				break
			}
		}
	}
	return strings.Join(found, ", ")
}
