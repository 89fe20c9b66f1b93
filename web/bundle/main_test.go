package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// site writes a site of these files and gives its folder.
func site(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func read(t *testing.T, name ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(name...))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

const page = `<head>
  <link rel="stylesheet" href="static/page/page.css">
  <script type="module" src="static/page/app.js"></script>
</head>
`

var small = map[string]string{
	"index.html":           page,
	"static/page/page.css": "@import \"look/look.css\";\n",
	"static/page/app.js": "import { Net } from '../residua.js';\nnew Net();\n" +
		"import('./look/room.js').then(room => room.open());\n",
	"static/page/early.js":      "document.title = 'early';\n",
	"static/residua.js":         "export { Net } from './api/net.js';\n",
	"static/api/net.js":         "export class Net { name = 'a net'; zip = () => import('../vendor/fflate.js'); }\n",
	"static/vendor/fflate.js":   "export const unzip = 'a library';\n",
	"static/page/look/look.css": "p { color: red }\n",
	"static/page/look/room.js": "import { paint } from './paint.js';\n" +
		"import { Net } from '../../residua.js';\nexport const open = () => paint(Net);\n",
	"static/page/look/paint.js": "export const paint = () => document.body.append('the room');\n",
}

func TestRun(t *testing.T) {
	dir := site(t, small)
	if err := run(dir); err != nil {
		t.Fatal(err)
	}
	if css := read(t, dir, style); !strings.Contains(css, "p{color:red}") {
		t.Errorf("the style sheet does not hold what it imports: %s", css)
	}
	// The API stays as it is, and so does the script that runs by itself.
	for _, name := range []string{"static/residua.js", "static/api/net.js", early} {
		if read(t, dir, name) != small[name] {
			t.Errorf("%s was changed", name)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "static/page/look")); !os.IsNotExist(err) {
		t.Errorf("the room's modules are still there: %v", err)
	}

	// The page names what it needs to begin, and then the room, but not the library that may never be needed.
	line := regexp.MustCompile(`<link rel="modulepreload" href="([^"]+)"( fetchpriority="low")?>`)
	var now, later []string
	for _, m := range line.FindAllStringSubmatch(read(t, dir, "index.html"), -1) {
		if content := read(t, dir, m[1]); m[2] == "" {
			now = append(now, content)
		} else {
			later = append(later, content)
		}
	}
	has := func(list []string, words string) bool {
		return slices.ContainsFunc(list, func(content string) bool { return strings.Contains(content, words) })
	}
	if !has(now, "a net") || has(now, "the room") {
		t.Errorf("the page fetches at once: %q", now)
	}
	if !has(later, "the room") || has(later, "a library") || has(later, "a net") {
		t.Errorf("the page fetches with low priority: %q", later)
	}
	// Where a bundle lies is what common/site.js takes for granted.
	bundles, err := filepath.Glob(filepath.Join(dir, folder, "*.js"))
	if err != nil || len(bundles) != 5 { // app, early, the API, the room, the library
		t.Errorf("the bundles are %q (%v)", bundles, err)
	}
	for _, name := range bundles {
		base := filepath.Base(name)
		if base != "early.js" && !strings.Contains(read(t, name), "//# sourceMappingURL="+base+".map") {
			t.Errorf("%s names no source map", name)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	with := func(name, content string) map[string]string {
		files := map[string]string{}
		for n, c := range small {
			files[n] = c
		}
		files[name] = content
		return files
	}
	if err := run(site(t, with(script, "import './gone.js';\n"))); err == nil ||
		!strings.Contains(err.Error(), "gone.js") {
		t.Errorf("a module that is not there: %v", err)
	}
	if err := run(site(t, with("index.html", "<html></html>"))); err == nil {
		t.Error("a page without the script was taken")
	}
}
