package pretrained

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// pack makes a tarball of entries; those with a size need content.
func pack(entries []tar.Header, content map[string][]byte) []byte {
	var b bytes.Buffer
	gz := gzip.NewWriter(&b)
	w := tar.NewWriter(gz)
	for _, h := range entries {
		h.Mode = 0o644
		if err := w.WriteHeader(&h); err != nil {
			panic(err)
		}
		if _, err := w.Write(content[h.Name]); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	if err := gz.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func writeTemp(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tiny-1.0.0.tgz")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadTarball(t *testing.T) {
	file := func(name string, size int64) tar.Header {
		return tar.Header{Name: name, Typeflag: tar.TypeReg, Size: size}
	}
	content := map[string][]byte{"package/a": []byte("alpha"), "package/b": bytes.Repeat([]byte("b"), 5000)}
	good := pack([]tar.Header{{Name: "package/", Typeflag: tar.TypeDir}, file("package/a", 5), file("package/b", 5000)}, content)
	read := func(b []byte) (map[string][]byte, error) {
		got := map[string][]byte{}
		err := readTarball(t.Context(), writeTemp(t, b), func(name string, read func() ([]byte, error)) (err error) {
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
		{"path above", pack([]tar.Header{file("../a", 0)}, nil), `"../a" leads out`},
		{"path above inside", pack([]tar.Header{file("package/../../a", 0)}, nil), "leads out"},
		{"absolute path", pack([]tar.Header{file("/etc/passwd", 0)}, nil), "leads out"},
		{"backslashes", pack([]tar.Header{file(`package\..\..\a`, 0)}, nil), "leads out"},
		{"drive", pack([]tar.Header{file("C:a", 0)}, nil), "leads out"},
		{"symbolic link", pack([]tar.Header{{Name: "package/a", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}}, nil), "neither a file nor a folder"},
		{"hard link", pack([]tar.Header{{Name: "package/a", Typeflag: tar.TypeLink, Linkname: "package/b"}}, nil), "neither a file nor a folder"},
		{"device", pack([]tar.Header{{Name: "package/a", Typeflag: tar.TypeChar}}, nil), "neither a file nor a folder"},
		{"large entry", pack([]tar.Header{file("package/a", maxEntry+1)}, map[string][]byte{"package/a": make([]byte, maxEntry+1)}), "more than anything"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := read(c.file); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "tiny-1.0.0.tgz") {
				t.Errorf("got %d files, %v, want %s", len(got), err, c.want)
			}
		})
	}
}
