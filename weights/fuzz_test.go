package weights

import (
	"bytes"
	"reflect"
	"testing"
)

// FuzzParse: a file that Parse accepts is covered exactly by its tensors, decodes without a panic, and can be written.
func FuzzParse(f *testing.F) {
	for _, c := range malformed {
		f.Add(c.file)
	}
	for _, c := range wellFormed {
		f.Add(c.file)
	}
	for _, c := range badScales {
		f.Add(c.file)
	}
	f.Add(quantisedFile(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Parse(b)
		if err != nil {
			return
		}
		at, aligned := 0, true
		for _, x := range file.Tensors() {
			aligned = aligned && at%x.DType.Size() == 0 && x.Scale == nil // Write moves scales
			at += len(x.Data)
			n := 1
			for _, d := range x.Shape {
				n *= d
			}
			if n != x.Len() {
				t.Fatalf("tensor %q of shape %v has %d elements", x.Name, x.Shape, x.Len())
			}
			values, err := x.AppendFloat32(nil)
			if err == nil && len(values) != n {
				t.Fatalf("tensor %q of shape %v decodes to %d values", x.Name, x.Shape, len(values))
			}
			if (err == nil) != (x.CheckFinite() == nil) {
				t.Fatalf("tensor %q: decoding says %v, the check %v", x.Name, err, x.CheckFinite())
			}
		}
		if at > len(b)-10 {
			t.Fatalf("tensors of %d bytes in a file of %d", at, len(b))
		}
		var again bytes.Buffer
		err = Write(&again, file.Metadata, file.Tensors())
		if err != nil {
			// Write's header may be longer than the one that was parsed, and Write is stricter about alignment.
			if aligned && len(b) < MaxHeader/8 {
				t.Fatal(err)
			}
			return
		}
		back, err := Parse(again.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if len(file.Tensors())+len(back.Tensors()) > 0 && !reflect.DeepEqual(back.Tensors(), file.Tensors()) {
			t.Fatalf("tensors %v come back as %v", file.Tensors(), back.Tensors())
		}
		if len(file.Metadata)+len(back.Metadata) > 0 && !reflect.DeepEqual(back.Metadata, file.Metadata) {
			t.Fatalf("metadata %v come back as %v", file.Metadata, back.Metadata)
		}
	})
}

// FuzzCardFrom: a card that is accepted can be encoded, and is the same when it is read again.
func FuzzCardFrom(f *testing.F) {
	for _, c := range badCards {
		if len(c.text) < 1<<12 { // the fuzzer is slow with the one of 100,001 labels
			f.Add(c.text)
		}
	}
	f.Add(cardWith(nil))
	f.Fuzz(func(t *testing.T, text string) {
		card, err := CardFrom(map[string]string{CardKey: text})
		if err != nil {
			return
		}
		again, err := card.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := CardFrom(map[string]string{CardKey: again})
		if card.Labels == nil {
			card.Labels = []string{}
		}
		if err != nil || !reflect.DeepEqual(back, card) {
			t.Fatalf("%+v comes back as %+v, %v", card, back, err)
		}
	})
}

// FuzzParseManifest: a manifest that is accepted fulfils ParseManifest's promises.
func FuzzParseManifest(f *testing.F) {
	for _, c := range badManifests {
		if len(c.text) < 1<<12 {
			f.Add([]byte(c.text))
		}
	}
	f.Add([]byte(changed(func(*Manifest) {})))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseManifest(b)
		if err != nil {
			return
		}
		var sum int64
		for _, s := range m.Shards {
			if s.Size < 1 || s.Size > MaxShard || bytes.ContainsAny([]byte(s.Name), "/\\:?#% ") || s.Name[0] == '.' {
				t.Fatalf("shard %+v", s)
			}
			sum += s.Size
		}
		if sum != m.Size || sum < 1 || sum > MaxModel {
			t.Fatalf("%d bytes in shards, %d in the manifest", sum, m.Size)
		}
		text, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := ParseManifest(text); err != nil || !reflect.DeepEqual(back, m) {
			t.Fatalf("%+v comes back as %+v, %v", m, back, err)
		}
	})
}
