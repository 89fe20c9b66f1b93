package npm_test

import (
	"archive/tar"
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/weights/npm"
	"github.com/seed8935e608/residua/weights/npm/npmtest"
)

func TestReadTarball(t *testing.T) {
	file := func(name string, size int64) tar.Header {
		return tar.Header{Name: name, Typeflag: tar.TypeReg, Size: size}
	}
	content := map[string][]byte{"package/a": []byte("alpha"), "package/b": bytes.Repeat([]byte("b"), 5000)}
	good := npmtest.Tarball([]tar.Header{{Name: "package/", Typeflag: tar.TypeDir}, file("package/a", 5),
		file("package/b", 5000)}, content)
	read := func(b []byte) (map[string][]byte, error) {
		got := map[string][]byte{}
		err := npm.ReadTarball(t.Context(), npmtest.WriteTarball(t, b),
			func(name string, read func() ([]byte, error)) (err error) {
				got[name], err = read()
				return err
			})
		return got, err
	}
	if got, err := read(good); err != nil || !reflect.DeepEqual(got, content) {
		t.Errorf("got %q, %v", got, err)
	}
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "truncated"},
		{"not gzip", []byte("this is not a tarball at all"), "not readable"},
		{"truncated within gzip's header", good[:5], "truncated"},
		{"truncated in the middle", good[:len(good)/2], "truncated"},
		{"truncated at gzip's checksum", good[:len(good)-4], "truncated"},
		{"path above", npmtest.Tarball([]tar.Header{file("../a", 0)}, nil), `"../a" leads out`},
		{"path above inside", npmtest.Tarball([]tar.Header{file("package/../../a", 0)}, nil), "leads out"},
		{"absolute path", npmtest.Tarball([]tar.Header{file("/etc/passwd", 0)}, nil), "leads out"},
		{"backslashes", npmtest.Tarball([]tar.Header{file(`package\..\..\a`, 0)}, nil), "leads out"},
		{"drive", npmtest.Tarball([]tar.Header{file("C:a", 0)}, nil), "leads out"},
		{"symbolic link",
			npmtest.Tarball([]tar.Header{{Name: "package/a", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}}, nil),
			"neither a file nor a folder"},
		{"hard link", npmtest.Tarball([]tar.Header{{Name: "package/a", Typeflag: tar.TypeLink, Linkname: "package/b"}},
			nil), "neither a file nor a folder"},
		{"device", npmtest.Tarball([]tar.Header{{Name: "package/a", Typeflag: tar.TypeChar}}, nil),
			"neither a file nor a folder"},
		{"large entry", npmtest.Tarball([]tar.Header{file("package/a", npm.MaxEntry+1)},
			map[string][]byte{"package/a": make([]byte, npm.MaxEntry+1)}), "more than anything"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := read(c.file); err == nil || !strings.Contains(err.Error(), c.want) ||
				!strings.Contains(err.Error(), "tiny-1.0.0.tgz") {
				t.Errorf("got %d files, %v, want %s", len(got), err, c.want)
			}
		})
	}
}
