package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/web"
)

// keeper is a Store that keeps only the last share.
type keeper struct{ data []byte }

func (k *keeper) Get(context.Context, string) ([]byte, error) { return k.data, nil }

func (k *keeper) Put(_ context.Context, _ string, data []byte, _ time.Time) (bool, error) {
	k.data = data
	return true, nil
}

// A file of resnet/transfer is accepted, and is canonical already: both packages write the same bytes.
func TestTaughtIsShared(t *testing.T) {
	numbers := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = 0.5 + float32(i%31)/32
		}
		return x
	}
	classes := []string{"cat & dog", "小鸟", `"quoted"`}
	n := len(classes)
	every := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	for name, c := range map[string]struct {
		d      int // features
		means  int // rows of the threshold; 0: there is none
		blocks []int
	}{
		"with a threshold":      {d: 2048, means: n},
		"a class without means": {d: 2048, means: n - 1},
		"without a threshold":   {d: 2048},
		"on block 4.1":          {d: 2048, means: n, blocks: []int{13}},
		"on block 3.6":          {d: 1024, means: n, blocks: []int{12}},
		"on three blocks":       {d: 256 + 1024 + 2048, blocks: []int{2, 12, 15}},
		"on every block":        {d: 15104, means: n, blocks: every},
	} {
		d := c.d
		head := &transfer.Head{
			Classes: n, D: d, Mean: numbers(d), Std: numbers(d), W: numbers(n * d), B: numbers(n), L2: 0.0123,
			Temperature: 1.7,
		}
		if c.means > 0 {
			head.Threshold = &transfer.Threshold{D: d, Means: numbers(c.means * d), Limit: 0.41, Keep: 0.95, N: 30}
		}
		taught := transfer.Taught{Model: "resnet50", Classes: classes, Head: head, Blocks: c.blocks, Mirrored: true}
		file, err := taught.Encode()
		if err != nil {
			t.Fatal(err)
		}
		kept := &keeper{}
		h := web.Handler(nil, web.Shares{Store: kept, Admit: func(*http.Request) (func(), bool) {
			return func() {}, true
		}})
		r := httptest.NewRequest("POST", "/api/share", strings.NewReader(string(file)))
		r.Header.Set("Content-Type", "application/octet-stream")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 201 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		} else if string(kept.data) != string(file) {
			t.Errorf("%s: other bytes are kept than were written", name)
		}
	}
}
