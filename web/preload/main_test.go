package main

import (
	"os"
	"path/filepath"
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

const page = `<head>
  <link rel="stylesheet" href="static/style.css">
  <script type="module" src="static/page/app.js"></script>
</head>
`

func TestRun(t *testing.T) {
	dir := site(t, map[string]string{
		"index.html": page,
		"static/page/app.js": "// './comment.js'\nimport {\n  find,\n  make,\n} from './dom.js';\n" +
			"import { load } from '../residua.js';\n" +
			"async function room() {\n  const { create } = await import('./look/room.js');\n}\n",
		"static/page/dom.js": "export const find = 1;\n",
		"static/residua.js":  "export { Teacher } from './api/teacher.js';\nimport './side.js';\n",
		"static/api/teacher.js": "/** @typedef {import('../page/never.js').T} T */\n" +
			"const zip = await import('../vendor/zip.js');\n",
		"static/side.js":            "",
		"static/page/look/room.js":  "import { find } from '../dom.js';\nimport { paint } from './paint.js';\n",
		"static/page/look/paint.js": "",
	})
	if err := run(dir); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	want := `<head>
  <link rel="stylesheet" href="static/style.css">
  <link rel="modulepreload" href="static/page/dom.js">
  <link rel="modulepreload" href="static/residua.js">
  <link rel="modulepreload" href="static/api/teacher.js">
  <link rel="modulepreload" href="static/side.js">
  <link rel="modulepreload" href="static/page/look/room.js" fetchpriority="low">
  <link rel="modulepreload" href="static/page/look/paint.js" fetchpriority="low">
  <script type="module" src="static/page/app.js"></script>
</head>
`
	if string(got) != want {
		t.Errorf("index.html is\n%s\nand should be\n%s", got, want)
	}
}

func TestRunRefuses(t *testing.T) {
	missing := site(t, map[string]string{"index.html": page, "static/page/app.js": "import { a } from './gone.js';\n"})
	if err := run(missing); err == nil || !strings.Contains(err.Error(), "static/page/gone.js") {
		t.Errorf("a module that is not there: %v", err)
	}
	if err := run(site(t, map[string]string{"index.html": "<html></html>"})); err == nil {
		t.Error("a page without a script was taken")
	}
}
