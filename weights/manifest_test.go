package weights

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func goodManifest() Manifest {
	m, _, err := Split("resnet50", "resnet50.safetensors", []byte("twelve bytes"), 5)
	if err != nil {
		panic(err)
	}
	return m
}

// changed is the valid manifest as JSON after a change. It is not checked.
func changed(change func(*Manifest)) string {
	m := goodManifest()
	change(&m)
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(b)
}

var badManifests = []struct{ name, text, want string }{
	{"empty", ``, "not readable"},
	{"null", `null`, "version 0"},
	{"array", `[]`, "not readable"},
	{"truncated", `{"version":1`, "not readable"},
	{"something after the end", changed(func(*Manifest) {}) + "{}", "follows"},
	{"too long", changed(func(*Manifest) {}) + strings.Repeat(" ", maxManifest), "at most 1048576"},
	{"unknown field", `{"version":1,"url":"https://example.org"}`, "not readable"},
	{"no version", changed(func(m *Manifest) { m.Version = 0 }), "version 0"},
	{"later version", changed(func(m *Manifest) { m.Version = 2 }), "version 2"},
	{"model with a slash", changed(func(m *Manifest) { m.Model = "a/b" }), "model"},
	{"file with a slash", changed(func(m *Manifest) { m.File = "../x" }), "file"},
	{"no file", changed(func(m *Manifest) { m.File = "" }), "file"},
	{"size 0", changed(func(m *Manifest) { m.Size = 0; m.Shards = nil }), "size 0"},
	{"size negative", changed(func(m *Manifest) { m.Size = -1 }), "size -1"},
	{"size huge", changed(func(m *Manifest) { m.Size = MaxModel + 1 }), "size 1073741825"},
	{"size fractional", strings.Replace(changed(func(*Manifest) {}), `"size":12`, `"size":12.5`, 1), "not readable"},
	{"size too large for the shards", changed(func(m *Manifest) { m.Size++ }), "1 bytes fewer"},
	{"size too small for the shards", changed(func(m *Manifest) { m.Size-- }), "more than"},
	{"no shards", changed(func(m *Manifest) { m.Shards = nil }), "12 bytes fewer"},
	{"hash too short", changed(func(m *Manifest) { m.SHA256 = m.SHA256[1:] }), "SHA-256"},
	{"hash in capitals", changed(func(m *Manifest) { m.SHA256 = strings.Repeat("A", 64) }), "SHA-256"},
	{"hash not hexadecimal", changed(func(m *Manifest) { m.SHA256 = strings.Repeat("g", 64) }), "SHA-256"},
	{"no hash", changed(func(m *Manifest) { m.SHA256 = "" }), "SHA-256"},
	{"shard without a name", changed(func(m *Manifest) { m.Shards[0].Name = "" }), "plain file name"},
	{"shard in a folder", changed(func(m *Manifest) { m.Shards[0].Name = "a/" + m.Shards[0].Name }), "plain file name"},
	{"shard above", changed(func(m *Manifest) { m.Shards[0].Name = "../" + m.Shards[0].Name }), "plain file name"},
	{"shard .", changed(func(m *Manifest) { m.Shards[0].Name = "." }), "plain file name"},
	{"shard ..", changed(func(m *Manifest) { m.Shards[0].Name = ".." }), "plain file name"},
	{"hidden shard", changed(func(m *Manifest) { m.Shards[0].Name = "." + m.Shards[0].Name }), "plain file name"},
	{"shard with a backslash", changed(func(m *Manifest) { m.Shards[0].Name = `a\` + m.Shards[0].Name }),
		"plain file name"},
	{"shard with a query", changed(func(m *Manifest) { m.Shards[0].Name += "?x" }), "plain file name"},
	{"shard is an address", changed(func(m *Manifest) { m.Shards[0].Name = "https:" + m.Shards[0].Name }),
		"plain file name"},
	{"shard with a percent", changed(func(m *Manifest) { m.Shards[0].Name += "%2e" }), "plain file name"},
	{"shard with a NUL", changed(func(m *Manifest) { m.Shards[0].Name += "\x00" }), "plain file name"},
	{"shard's name too long", changed(func(m *Manifest) { m.Shards[0].Name += strings.Repeat("a", 128) }),
		"plain file name"},
	{"shard twice", changed(func(m *Manifest) { m.Shards[1] = m.Shards[0] }), "two shards"},
	{"shard's size 0", changed(func(m *Manifest) { m.Shards[0].Size = 0 }), "size 0"},
	{"shard's size negative", changed(func(m *Manifest) { m.Shards[0].Size, m.Shards[1].Size = -5, 15 }), "size -5"},
	{"shard too large", changed(func(m *Manifest) { m.Size, m.Shards[0].Size = MaxShard+8, MaxShard+1 }),
		"size 8388609"},
	{"shard's hash", changed(func(m *Manifest) { m.Shards[0].SHA256 = "" }), "SHA-256"},
	{"shard's name has another hash", changed(func(m *Manifest) { m.Shards[0].Name = m.Shards[1].Name }),
		"beginning of its hash"},
}

func TestParseManifestRefuses(t *testing.T) {
	for _, c := range badManifests {
		t.Run(c.name, func(t *testing.T) {
			m, err := ParseManifest([]byte(c.text))
			if err == nil {
				t.Fatalf("accepted as %+v", m)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is\n%v\nand does not say\n%s", err, c.want)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	for _, n := range []int{1, 2, 99, 100, 101, 200, 12345} {
		file := make([]byte, n)
		for i := range file {
			file[i] = byte(i * i)
		}
		for _, limit := range []int{100, MaxShard} {
			t.Run(fmt.Sprintf("%d by %d", n, limit), func(t *testing.T) {
				m, ranges, err := Split("tiny", "tiny.safetensors", file, limit)
				if err != nil {
					t.Fatal(err)
				}
				if got := bytes.Join(ranges, nil); !bytes.Equal(got, file) {
					t.Error("the ranges are not the file")
				}
				if want := (n + limit - 1) / limit; len(ranges) != want || len(m.Shards) != want {
					t.Errorf("%d ranges, %d shards, want %d", len(ranges), len(m.Shards), want)
				}
				for i, s := range m.Shards {
					if err := s.Verify(ranges[i]); err != nil {
						t.Error(err)
					}
				}
				text, err := m.Encode()
				if err != nil {
					t.Fatal(err)
				}
				if back, err := ParseManifest(text); err != nil || !reflect.DeepEqual(back, m) {
					t.Errorf("the manifest comes back as %+v, %v", back, err)
				}
			})
		}
	}
}

// TestSplitNames pins the names: browsers cache such files for ever.
func TestSplitNames(t *testing.T) {
	m := goodManifest()
	want := []Shard{
		{Name: "resnet50-00-f979c4818ce2.bin", Size: 5}, // printf twelv | sha256sum
		{Name: "resnet50-01-efcd7f0601b7.bin", Size: 5},
		{Name: "resnet50-02-c0bc1e08f974.bin", Size: 2},
	}
	for i, s := range m.Shards {
		if s.Name != want[i].Name || s.Size != want[i].Size {
			t.Errorf("shard %d is %s of %d bytes, want %s of %d", i, s.Name, s.Size, want[i].Name, want[i].Size)
		}
	}
}

func TestSplitRefuses(t *testing.T) {
	if _, _, err := Split("tiny", "tiny.safetensors", nil, 5); err == nil {
		t.Error("an empty file was split")
	}
	if _, _, err := Split("ti/ny", "tiny.safetensors", []byte("x"), 5); err == nil {
		t.Error("a name with a slash was taken")
	}
	for _, limit := range []int{-1, 0, MaxShard + 1} {
		func() {
			defer func() {
				if got := recover(); got != badLimit {
					t.Errorf("limit %d: recovered %v", limit, got)
				}
			}()
			Split("tiny", "tiny.safetensors", []byte("x"), limit)
		}()
	}
}

func TestShardVerify(t *testing.T) {
	s := goodManifest().Shards[0]
	for _, c := range []struct{ content, want string }{
		{"twelv", ""},
		{"twelw", "SHA-256"},
		{"twel", "4 bytes"},
		{"twelve", "6 bytes"},
		{"", "0 bytes"},
	} {
		err := s.Verify([]byte(c.content))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q: %v", c.content, err)
		}
		if err != nil && !strings.Contains(err.Error(), s.Name) {
			t.Errorf("%q does not name the shard", err)
		}
	}
}
