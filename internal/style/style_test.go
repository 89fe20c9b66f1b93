// Package style checks what can be measured of the Go code's form. It has only this test. build.sh check also measures
// lines and files (check_lines), and web/test/unit-style.mjs the functions in JavaScript.
package style

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// maxLines is the most lines of a function. A longer one does more than one thing, and does not fit on a screen.
const maxLines = 120

// exceptions lists functions that may be longer, as "path.go: Type.Method", each with its reason.
var exceptions = map[string]string{}

// skipped lists folders without code of this module: output of tools and programs, and foreign code.
var skipped = []string{"dist", "node_modules", "testdata", "vendor", "build"}

// sources lists the Go files that people wrote, by their paths from the module's root.
func sources(t *testing.T, root string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != root && (slices.Contains(skipped, name) || strings.HasPrefix(name, ".")) {
			return filepath.SkipDir
		}
		if !entry.IsDir() && strings.HasSuffix(name, ".go") && !strings.HasPrefix(name, "z") {
			relative, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			found = append(found, filepath.ToSlash(relative))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 100 {
		t.Fatalf("the search finds only %d files", len(found))
	}
	return found
}

// functionName is a function's name, with the type before it for a method.
func functionName(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	receiver := f.Recv.List[0].Type
	for {
		switch r := receiver.(type) {
		case *ast.StarExpr:
			receiver = r.X
		case *ast.IndexExpr:
			receiver = r.X
		case *ast.Ident:
			return r.Name + "." + f.Name.Name
		default:
			return fmt.Sprintf("%T.%s", r, f.Name.Name)
		}
	}
}

func TestFunctionLength(t *testing.T) {
	root := filepath.Join("..", "..")
	used := map[string]bool{}
	files := token.NewFileSet()
	for _, path := range sources(t, root) {
		file, err := parser.ParseFile(files, filepath.Join(root, path), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			lines := files.Position(f.End()).Line - files.Position(f.Pos()).Line + 1
			name := path + ": " + functionName(f)
			if lines <= maxLines {
				continue
			}
			if _, ok := exceptions[name]; !ok {
				t.Errorf("%s has %d lines, at most %d are allowed", name, lines, maxLines)
			}
			used[name] = true
		}
	}
	for name := range exceptions {
		if !used[name] {
			t.Errorf("the exception for %s is not needed", name)
		}
	}
}

// TestPackageComments: every package has a comment that says what it is for.
func TestPackageComments(t *testing.T) {
	root := filepath.Join("..", "..")
	said := map[string]bool{} // by folder
	files := token.NewFileSet()
	for _, path := range sources(t, root) {
		const mode = parser.PackageClauseOnly | parser.ParseComments
		file, err := parser.ParseFile(files, filepath.Join(root, path), nil, mode)
		if err != nil {
			t.Fatal(err)
		}
		folder := filepath.Dir(path)
		said[folder] = said[folder] || file.Doc != nil
	}
	for folder, ok := range said {
		if !ok {
			t.Errorf("no file of %s has a package comment", folder)
		}
	}
}
